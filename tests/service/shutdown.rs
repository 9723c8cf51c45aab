//! SIGTERM: what is under way comes to its end, and nothing new begins.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, Pole, Server, on_both, wait_for};

use super::metrics::wait_until_in_flight;
use crate::people::at;
use crate::seed::member;
use crate::sql::Sql;

on_both!(a_request_under_way_is_finished_and_committed_and_no_other_begins);
fn a_request_under_way_is_finished_and_committed_and_no_other_begins(engine: Engine) {
    let mut server = Server::start(engine);
    let pole = Pole::new(&server);
    let members = at(&pole, "/members");
    let mut sql = Sql::open(server.database_url());
    sql.hold();
    let made = thread::scope(|threads| {
        let request =
            threads.spawn(|| pole.admin.post(&members, member("forge", "732829320")).expect(201));
        wait_until_in_flight(&server, 1);
        server.terminate();
        let address = server.url().replace("http://", "");
        let refused = || TcpStream::connect(&address).is_err().then_some(());
        wait_for(Duration::from_secs(10), refused).expect("nobody new is let in");
        assert!(!request.is_finished(), "it waits for what is held");
        sql.release();
        request.join().unwrap()
    });
    // It ends by itself, with exit code 0.
    server.ends();
    server.restart();
    let found = pole.admin.get(made.header("location")).expect(200);
    assert_eq!(found.json(), made.json());
}
