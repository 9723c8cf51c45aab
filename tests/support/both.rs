//! One test body, two databases.

use crate::{Engine, Pole, Server};

/// Makes two tests of a function: `name::sqlite` and `name::postgres`.
///
/// ```text
/// on_both!(a_member_is_created);
/// fn a_member_is_created(pole: &Pole) { … }
/// ```
///
/// The function takes what it needs: a `&Pole` of its own on the shared server, the shared
/// `&Server`, or the `Engine` to start a server of its own on.
#[macro_export]
macro_rules! on_both {
    ($test:ident) => {
        mod $test {
            #[test]
            fn sqlite() {
                $crate::run_on($crate::Engine::Sqlite, super::$test);
            }

            #[test]
            fn postgres() {
                $crate::run_on($crate::Engine::Postgres, super::$test);
            }
        }
    };
}

/// Runs a test's body on one engine, if that is here.
#[track_caller]
pub fn run_on<Takes>(engine: Engine, body: impl Body<Takes>) {
    if engine.is_here() {
        body.run(engine);
    }
}

/// A function that [`on_both!`] makes tests of; `Takes` tells the kinds apart.
pub trait Body<Takes> {
    /// Runs it with what it takes.
    fn run(self, engine: Engine);
}

impl<F: FnOnce(Engine)> Body<(Engine,)> for F {
    fn run(self, engine: Engine) {
        self(engine);
    }
}

impl<F: FnOnce(&Server)> Body<(Server,)> for F {
    fn run(self, engine: Engine) {
        let server = Server::shared(engine);
        let _log = LogOnFailure { server, before: server.log().len() };
        self(server);
    }
}

impl<F: FnOnce(&Pole)> Body<(Pole,)> for F {
    fn run(self, engine: Engine) {
        (|server: &Server| self(&Pole::new(server))).run(engine);
    }
}

/// Prints what the shared server has logged since, other tests' included.
struct LogOnFailure<'s> {
    server: &'s Server,
    before: usize,
}

impl Drop for LogOnFailure<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.server.log();
            let since = log.get(self.before..).unwrap_or_default();
            eprintln!("--- log of the shared server on {:?}\n{since}---", self.server.engine());
        }
    }
}
