//! Who is calling, and what they may do.
//!
//! A person signs in and gets a short-lived access token; a machine has an API key; a pole may
//! accept the tokens of an outside identity provider. Each becomes a [`Caller`] with grants, and
//! a handler asks for what it needs by the type of its first argument: `May<MembersRead>`.
//!
//! A token only says who somebody is. What they may do is looked up, at most seconds ago: a
//! session that was ended, a key that was revoked, or a role that was taken away is gone at once.

mod caller;
mod gate;
mod identify;
mod jwks;
mod jwt;
mod outside;
mod password;
mod permission;
mod recent;
mod secret;

pub(crate) mod keyring;
pub(crate) mod sign_in;
pub(crate) mod signing_keys;

pub(crate) use caller::{Caller, May, PoleMay, Visitor};
pub(crate) use gate::Gate;
pub(crate) use keyring::Keyring;
pub(crate) use outside::SignatureAlgorithm;
pub(crate) use permission::*;
pub(crate) use secret::{CryptoError, MasterSecret, Purpose, Token, TokenKind, same};
