use std::panic::{AssertUnwindSafe, catch_unwind};

use palier_tests::{Client, Engine, Pole, Server, on_both};

on_both!(a_server_stops_restarts_and_survives_a_power_cut_on_the_same_database);
fn a_server_stops_restarts_and_survives_a_power_cut_on_the_same_database(engine: Engine) {
    let mut server = Server::start(engine);
    let pole = Pole::new(&server);
    let mine = |client: &Client| client.get(&format!("/v1/poles/{}/members", pole.code)).status;
    assert_eq!(mine(&pole.admin), 200);
    for end in [Server::stop, Server::kill] {
        let url = server.url();
        end(&mut server);
        assert!(catch_unwind(AssertUnwindSafe(|| mine(&pole.admin))).is_err(), "it answers on");
        server.restart();
        assert_eq!(server.url(), url);
        assert_eq!(mine(&pole.admin), 200);
    }
}

on_both!(servers_have_databases_of_their_own);
fn servers_have_databases_of_their_own(engine: Engine) {
    let (one, other) = (Server::start(engine), Server::start(engine));
    assert_ne!(one.database_url(), other.database_url());
    let pole = Pole::new(&one);
    other.client().get(&format!("/v1/poles/{}", pole.code)).expect(404).problem();
}

on_both!(the_shared_server_is_the_same_for_all);
fn the_shared_server_is_the_same_for_all(server: &Server) {
    assert!(std::ptr::eq(server, Server::shared(server.engine())));
    let (one, other) = (Pole::new(server), Pole::new(server));
    assert_ne!(one.code, other.code);
    one.admin.get(&format!("/v1/poles/{}/members", one.code)).expect(200);
    one.admin.get(&format!("/v1/poles/{}/members", other.code)).expect(404).problem();
}

#[test]
fn a_start_that_is_refused_shows_why() {
    let ended = Server::builder(Engine::Sqlite).arg("--no-such-flag").run();
    assert!(ended.failure(2).contains("--no-such-flag"));
    let panics =
        catch_unwind(|| drop(Server::builder(Engine::Sqlite).arg("--no-such-flag").start()));
    let said = *panics.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("does not listen") && said.contains("--no-such-flag"), "{said}");
}
