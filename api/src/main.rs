//! The `palier` command.

mod auth;
mod cli;
mod document;
mod text;

fn main() -> std::process::ExitCode {
    cli::main()
}
