//! What happens when others hold what a request needs.

use palier_tests::{Engine, Pole, Server, on_both};

use crate::people::at;
use crate::seed::member;
use crate::sql::Sql;

on_both!(who_waits_in_vain_for_a_lock_is_told_to_come_again);
fn who_waits_in_vain_for_a_lock_is_told_to_come_again(engine: Engine) {
    let server = Server::start(engine);
    let pole = Pole::new(&server);
    let members = at(&pole, "/members");
    let mut sql = Sql::open(server.database_url());
    sql.hold();
    let refused = pole.admin.post(&members, member("forge", "732829320")).expect(503);
    assert_eq!(refused.problem()["type"], "https://palier.dev/problems/unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    // Who only reads waits for nobody.
    let list = pole.admin.get(&members).expect(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 0, "{list}");
    server.client().get("/readyz").expect(200);
    sql.release();
    pole.admin.post(&members, member("forge", "732829320")).expect(201);
}
