//! The yardstick: an actix-web server that answers nothing, or takes in events in another way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, rt, web};

use crate::client::Target;
use crate::posts::Posts;
use crate::rivals::{self, Rival};

/// The variable that makes this program the yardstick, with so many workers.
pub(crate) const WORKERS: &str = "LOAD_EMPTY_WORKERS";

/// Serves until its input ends, which it does with whoever holds it. The first line says where.
pub(crate) fn serve(workers: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    std::io::stdout().flush().expect("someone reads it");
    std::thread::spawn(|| {
        let _ended = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let commits = Rival::from_environment();
    let server = HttpServer::new(move || {
        App::new()
            .route("/", web::get().to(async || HttpResponse::Ok().finish()))
            .configure(|server| rivals::routes(server, commits.as_ref()))
    });
    let server = server.workers(workers).listen(listener).expect("a listener");
    rt::System::new().block_on(server.run()).expect("it serves");
}

/// That server, in a process of its own.
pub(crate) struct Empty {
    process: Child,
    address: SocketAddr,
}

impl Empty {
    pub(crate) fn start(workers: u32) -> Self {
        Self::spawn(workers, &mut Command::new(std::env::current_exe().expect("this program")))
    }

    /// One that can also write events of a pole into a database, each by itself.
    pub(crate) fn committing(workers: u32, pole: &str, database: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        Self::spawn(workers, command.env(rivals::DATABASE, format!("{pole} {database}")))
    }

    fn spawn(workers: u32, command: &mut Command) -> Self {
        let mut process = command
            .env(WORKERS, workers.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let said = process.stdout.take().expect("it was piped");
        BufReader::new(said).read_line(&mut line).expect("it says where it listens");
        Self { address: line.trim().parse().expect("an address"), process }
    }

    /// Single events, to this address of it.
    pub(crate) fn posts(&self, path: &str, clients: u32) -> Arc<Posts> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n",
            self.address
        );
        let (address, process) = (self.address, self.process.id());
        Arc::new(Posts { address, process, head, size: 1, clients })
    }

    /// A GET to it, with these header lines.
    pub(crate) fn target(&self, headers: &str) -> Target {
        Target::get(self.address, self.process.id(), "/", headers)
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ended = self.process.wait();
    }
}
