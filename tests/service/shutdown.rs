//! SIGTERM: what is under way comes to its end, and nothing new begins.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use palier_tests::{Answer, Engine, Pole, Server, on_both, wait_for};

use super::metrics::wait_until_in_flight;
use crate::people::at;
use crate::seed::member;
use crate::sql::Sql;

on_both!(a_request_under_way_is_finished_and_committed_and_no_other_begins);
fn a_request_under_way_is_finished_and_committed_and_no_other_begins(engine: Engine) {
    let mut server = Server::start(engine);
    let pole = Pole::new(&server);
    let made = wait_for(Duration::from_mins(3), || made_while_it_ends(&mut server, &pole));
    let made = made.expect("a request that is under way when the server is told to end");
    let found = pole.admin.get(made.header("location")).expect(200);
    assert_eq!(found.json(), made.json());
}

/// Tells a server to end while it makes a member, and starts it again. None if the member was not made,
/// since what it needs was held for longer than it waits: a busy machine takes its time.
#[track_caller]
fn made_while_it_ends(server: &mut Server, pole: &Pole) -> Option<Answer> {
    let members = at(pole, "/members");
    let mut sql = Sql::open(server.database_url());
    sql.hold();
    let (waits, answer) = thread::scope(|threads| {
        let request = threads.spawn(|| pole.admin.post(&members, member("forge", "732829320")));
        wait_until_in_flight(server, 1);
        server.terminate();
        let address = server.url().replace("http://", "");
        let refused = || TcpStream::connect(&address).is_err().then_some(());
        wait_for(Duration::from_mins(1), refused).expect("nobody new is let in");
        let waits = !request.is_finished();
        sql.release();
        (waits, request.join().unwrap())
    });
    // It ends by itself, with exit code 0.
    server.ends();
    server.restart();
    if answer.status == 503 {
        return None;
    }
    assert!(waits, "it waits for what is held");
    Some(answer.expect(201))
}
