//! Who is calling, and what they may do.
#![expect(dead_code, unused_imports, reason = "the resources that sign people in use them")]

mod jwks;
mod jwt;
mod outside;
mod password;
mod secret;
