//! Addresses that somebody else chose, and how they are called: where the keys of an identity provider are,
//! where a provider of services wants to be told of what happens.
//!
//! Whoever gives one makes this server call an address of their choice. So that nobody can look through it
//! into the network it stands in (server-side request forgery):
//!
//! - the address is `https` without user name or password, and the certificate must be good;
//! - a host given as a number must be a public one, and a name is resolved here and only its public
//!   addresses are ever connected to, so that a name which changes its mind gains nothing;
//! - a redirect is not followed, and no proxy of the environment is asked;
//! - an answer has 5 seconds; no more than 256 KiB of it are read, and of one to a webhook nothing.
//!
//! During development an address may also be `http` on this machine itself.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    sync::OnceLock,
    time::Duration,
};

use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::RETRY_AFTER,
    redirect::Policy,
};

use crate::{fault, say, text::Text};

const PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(3);
const MOST_BYTES: usize = 256 * 1024;

/// How far this server may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Public addresses over TLS: what production needs.
    Internet,
    /// That, and this machine itself, also without TLS.
    InternetAndThisMachine,
}

impl Reach {
    fn includes(self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_public(ip) || (self == Self::InternetAndThisMachine && ip.is_loopback())
    }
}

/// An address that may be called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OutwardAddress(Url);

impl OutwardAddress {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// Why it may not be called.
    pub(crate) fn parse(text: &str, reach: Reach) -> Result<Self, AddressFault> {
        let url = Url::parse(text).map_err(|_| AddressFault::NoAddress)?;
        let host = url.host_str().ok_or(AddressFault::NoAddress)?;
        let ip: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let is_this_machine = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        let may_be_plain = is_this_machine && reach == Reach::InternetAndThisMachine;
        match url.scheme() {
            "https" => {}
            "http" if may_be_plain => {}
            _ => return Err(AddressFault::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(AddressFault::NotPlain);
        }
        if ip.is_some_and(|ip| !reach.includes(ip)) {
            return Err(AddressFault::NotPublic);
        }
        Ok(Self(url))
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Why an address may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressFault {
    /// It is no address.
    NoAddress,
    /// Anybody on the way could read and replace what is sent.
    NotHttps,
    /// It has a user name, a password or a fragment.
    NotPlain,
    /// It is in a private, local or reserved network.
    NotPublic,
}

impl AddressFault {
    /// What people read.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::NoAddress => say!(
                en "Expected an address such as https://service.example/path.",
                fr "Attendu : une adresse telle que https://service.example/chemin."
            ),
            Self::NotHttps => say!(
                en "Expected an address that begins with https://.",
                fr "Attendu : une adresse qui commence par https://."
            ),
            Self::NotPlain => say!(
                en "Expected an address without user name, password or #fragment.",
                fr "Attendu : une adresse sans nom d’utilisateur, mot de passe ni #fragment."
            ),
            Self::NotPublic => say!(
                en "Expected an address on the public internet.",
                fr "Attendu : une adresse de l’internet public."
            ),
        }
    }
}

/// What calls addresses, and reaches this far and no farther.
///
/// Its client is made when somebody is first called: that reads all certificates of the machine, which
/// takes longer than most commands.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) reach: Reach,
    client: OnceLock<Client>,
}

impl Agent {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, client: OnceLock::new() }
    }

    /// The body of what is at an address.
    pub(crate) async fn fetch(&self, address: &OutwardAddress) -> Result<Vec<u8>, FetchFault> {
        let mut response = self.client()?.get(address.0.clone()).send().await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchFault::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err(FetchFault::TooLong);
            }
        }
        Ok(body)
    }

    /// Posts JSON to an address. Of the answer its body is not read.
    ///
    /// # Errors
    /// If there is no answer in time, or nobody to give one.
    pub(crate) async fn post(
        &self,
        address: &OutwardAddress,
        headers: [(&'static str, String); 3],
        body: String,
    ) -> Result<Answered, reqwest::Error> {
        let request = self.client()?.post(address.0.clone());
        let mut request = request.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await?;
        let rest = response.headers().get(RETRY_AFTER).and_then(|rest| rest.to_str().ok());
        Ok(Answered { status: response.status().as_u16(), rest: rest.map(str::to_owned) })
    }

    /// # Errors
    /// If the machine's certificates cannot be read.
    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = Client::builder()
            .user_agent(concat!("palier/", env!("CARGO_PKG_VERSION")))
            .https_only(self.reach == Reach::Internet)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(ReachableOnly(self.reach))
            .connect_timeout(PATIENCE_TO_CONNECT)
            .timeout(fault::patience(PATIENCE))
            .build()?;
        Ok(self.client.get_or_init(|| made))
    }
}

/// What somebody answered to what was posted.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// How long they ask to be left alone: `Retry-After`.
    pub(crate) rest: Option<String>,
}

/// Why nothing came of fetching. It is for the log, and never told to a caller.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchFault {
    #[error("{0:?}")]
    Http(#[from] reqwest::Error),
    #[error("status {0}, expected 200")]
    Status(u16),
    #[error("more than {MOST_BYTES} bytes")]
    TooLong,
    #[error("no JSON Web Key Set")]
    NoKeySet,
}

/// Resolves names, and hides the addresses that must not be reached.
struct ReachableOnly(Reach);

impl Resolve for ReachableOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found =
                tokio::task::spawn_blocking(move || resolve(name.as_str(), reach)).await??;
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

fn resolve(name: &str, reach: Reach) -> io::Result<Vec<SocketAddr>> {
    let mut found: Vec<SocketAddr> = (name, 0).to_socket_addrs()?.collect();
    found.retain(|address| reach.includes(address.ip()));
    if found.is_empty() {
        return Err(io::Error::other(OutOfReach));
    }
    Ok(found)
}

#[derive(Debug)]
struct OutOfReach;

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name resolves to no public address")
    }
}

impl std::error::Error for OutOfReach {}

/// Whether the IANA special-purpose registries (RFC 6890) leave an address to the internet at
/// large. The standard library's `is_global` is not stable yet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_protocol = a == 192 && b == 0 && c == 0;
    let is_relay = a == 192 && b == 88 && c == 99;
    let is_benchmark = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || is_shared
        || is_protocol
        || is_relay
        || is_benchmark)
}

/// Only `2000::/3` is given out; in it, what carries an IPv4 address (Teredo, 6to4), and what is for
/// documentation and experiments, is not for servers.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let is_given_out = a & 0xe000 == 0x2000;
    let is_protocol = a == 0x2001 && b < 0x0200;
    let is_documentation = (a == 0x2001 && b == 0x0db8) || a & 0xfff0 == 0x3ff0;
    let is_6to4 = a == 0x2002;
    is_given_out && !is_protocol && !is_documentation && !is_6to4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, reach: Reach) -> Option<AddressFault> {
        OutwardAddress::parse(text, reach).err()
    }

    #[test]
    fn production_takes_public_addresses_over_tls_only() {
        let fault = |text: &str| fault(text, Reach::Internet);
        assert_eq!(fault("https://id.example/keys"), None);
        assert_eq!(fault("https://id.example:8443/keys?tenant=1"), None);
        assert_eq!(fault("https://8.8.8.8/keys"), None);
        assert_eq!(fault("http://id.example/keys"), Some(AddressFault::NotHttps));
        assert_eq!(fault("http://127.0.0.1/keys"), Some(AddressFault::NotHttps));
        assert_eq!(fault("file:///etc/passwd"), Some(AddressFault::NoAddress));
        assert_eq!(fault("id.example"), Some(AddressFault::NoAddress));
        assert_eq!(fault("https://user:word@id.example/"), Some(AddressFault::NotPlain));
        assert_eq!(fault("https://id.example/#keys"), Some(AddressFault::NotPlain));
        for private in
            ["127.0.0.1", "0x7f.1", "2130706433", "10.1.2.3", "[::1]", "[::ffff:10.0.0.1]"]
        {
            let text = format!("https://{private}/keys");
            assert_eq!(fault(&text), Some(AddressFault::NotPublic), "{text}");
        }
    }

    #[test]
    fn development_takes_this_machine_too_and_no_other() {
        let fault = |text: &str| fault(text, Reach::InternetAndThisMachine);
        assert_eq!(fault("http://127.0.0.1:9000/keys"), None);
        assert_eq!(fault("http://[::1]:9000/keys"), None);
        assert_eq!(fault("http://localhost:9000/keys"), None);
        assert_eq!(fault("http://192.168.1.2/keys"), Some(AddressFault::NotHttps));
        assert_eq!(fault("https://192.168.1.2/keys"), Some(AddressFault::NotPublic));
    }

    #[test]
    fn names_lead_to_public_addresses_only() {
        assert!(resolve("localhost", Reach::InternetAndThisMachine).is_ok());
        let error = resolve("localhost", Reach::Internet).unwrap_err();
        assert_eq!(error.to_string(), "the name resolves to no public address");
    }

    #[test]
    fn knows_public_addresses() {
        let public = |text: &str| Reach::Internet.includes(text.parse().unwrap());
        for yes in
            ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.15.0.1", "198.20.0.1", "2606:4700::1111"]
        {
            assert!(public(yes), "{yes}");
        }
        for no in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.31.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00::1",
            "3fff::1",
        ] {
            assert!(!public(no), "{no}");
        }
    }
}
