use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use palier_tests::{postgres::cluster, scratch, scratch_root, wait_for};

/// Set for a second process of this test, which is the one to be killed.
const VICTIM: &str = "PALIER_TESTS_VICTIM";

#[test]
fn a_killed_test_process_leaves_nothing_behind() {
    if std::env::var_os(VICTIM).is_some() {
        return be_the_victim();
    }
    let name = "harness::janitor::a_killed_test_process_leaves_nothing_behind";
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(VICTIM, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(victim.stderr.take().unwrap()).lines();
    let told = told.map(Result::unwrap).find(|line| line.starts_with("left: ")).unwrap();
    let mut told = told.split(' ').skip(1);
    let (root, address) = (Path::new(told.next().unwrap()), told.next());
    assert!(root.join("thing-1/file").exists());
    assert!(address.is_none_or(|it| TcpStream::connect(it).is_ok()));

    victim.kill().unwrap();
    victim.wait().unwrap();
    let gone = || {
        let silent = address.is_none_or(|it| TcpStream::connect(it).is_err());
        (silent && !root.exists()).then_some(())
    };
    let message = format!("{} or the server at {address:?} is still there", root.display());
    wait_for(Duration::from_mins(1), gone).expect(&message);
}

/// Says what there is to be cleared away, and waits.
fn be_the_victim() {
    std::fs::write(scratch("thing").join("file"), "content").unwrap();
    let url = cluster().map(palier_tests::postgres::Cluster::empty_database);
    let address = url.as_ref().and_then(|url| url.split(['@', '/']).nth(3)).unwrap_or_default();
    writeln!(std::io::stderr(), "left: {} {address}", scratch_root().display()).unwrap();
    std::thread::sleep(Duration::from_mins(10));
}
