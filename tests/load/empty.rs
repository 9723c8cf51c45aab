//! The yardstick: an actix-web server that answers nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use actix_web::{App, HttpResponse, HttpServer, rt, web};

use crate::client::Target;

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
    let server = HttpServer::new(|| {
        App::new().route("/", web::get().to(async || HttpResponse::Ok().finish()))
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
        let mut process = Command::new(std::env::current_exe().expect("this program"))
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
