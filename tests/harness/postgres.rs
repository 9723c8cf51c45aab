use std::cell::Cell;

use palier_tests::postgres::cluster;

#[test]
fn databases_are_apart_and_begin_like_their_original() {
    let Some(cluster) = cluster() else { return };
    let filled = Cell::new(0);
    let database = || {
        cluster.database_like("original", |url| {
            filled.set(filled.get() + 1);
            cluster.sql(url, "CREATE TABLE here (x INT); INSERT INTO here VALUES (7), (8)");
        })
    };
    let (one, other) = (database(), database());
    assert_ne!(one, other);
    assert_eq!(filled.get(), 1);
    cluster.sql(&one, "INSERT INTO here VALUES (9)");
    let rows = |url| cluster.sql(url, "SELECT x, x * x FROM here ORDER BY x");
    assert_eq!(rows(&one), "7|49\n8|64\n9|81");
    assert_eq!(rows(&other), "7|49\n8|64");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(cluster.sql(&cluster.empty_database(), tables), "0");
}

#[test]
#[should_panic = "syntax error"]
fn wrong_sql_fails_the_test() {
    let Some(cluster) = cluster() else { panic!("no syntax error where there is no database") };
    cluster.sql(&cluster.empty_database(), "SELEKT 1");
}

/// A name with capitals and accents sorts as people sort it, not by its bytes as in SQLite.
#[test]
fn the_order_of_text_is_a_language_s() {
    let Some(cluster) = cluster() else { return };
    let sorted =
        "SELECT string_agg(x, ' ' ORDER BY x) FROM (VALUES ('z'), ('é'), ('B'), ('a')) v(x)";
    assert_eq!(cluster.sql(&cluster.empty_database(), sorted), "a B é z");
}

#[test]
fn a_stranger_without_the_password_does_not_get_in() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.empty_database();
    let (start, end) = (url.find("palier:").unwrap(), url.find('@').unwrap());
    let wrong = format!("{}palier:guess{}", &url[..start], &url[end..]);
    let refused = std::panic::catch_unwind(|| cluster.sql(&wrong, "SELECT 1"));
    let said = *refused.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("password authentication failed"), "{said}");
}
