use palier_tests::{Engine, on_both};

on_both!(a_body_is_run_on_the_engine_of_its_name);
fn a_body_is_run_on_the_engine_of_its_name(engine: Engine) {
    let thread = std::thread::current();
    let name = thread.name().unwrap();
    let expected = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let test = "harness::both::a_body_is_run_on_the_engine_of_its_name";
    assert_eq!(name, format!("{test}::{expected}"));
}
