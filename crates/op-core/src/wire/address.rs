//! The sign-in address of an account server.

use std::net::IpAddr;

/// A checked address: with `https`, or with `http` if it is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Scheme, authority and path prefix, without a trailing slash.
    base: String,
}

impl Address {
    /// Reads a sign-in address. The default scheme is https.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host(authority);
        if host.is_empty() || authority.contains('@') || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("is not an address such as https://account.example.com".into());
        }
        if rest.contains(['?', '#']) {
            return Err("must not have a query or a fragment".into());
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err("uses plain http, which is allowed only for this machine: use https".into()),
            _ => return Err(format!("has the scheme `{scheme}`: use https")),
        }
        Ok(Self { base: format!("{scheme}://{}", rest.trim_end_matches('/')) })
    }

    /// Returns the URL of a route, which begins with a slash.
    pub(crate) fn url(&self, route: &str) -> String {
        format!("{}{route}", self.base)
    }

    /// Returns how messages name the server: scheme, host and port.
    pub(crate) fn server(&self) -> String {
        let (scheme, rest) = self.base.split_once("://").unwrap_or_default();
        let authority = rest.split('/').next().unwrap_or_default();
        // The last part of an IPv6 address without a port ends with a bracket.
        let last = authority.rsplit_once(':').map_or("", |(_, last)| last);
        let port = match scheme {
            _ if !last.is_empty() && !last.ends_with(']') => "",
            "http" => ":80",
            _ => ":443",
        };
        format!("{scheme}://{authority}{port}")
    }
}

fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']').map_or("", |(host, _)| host),
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_the_default_and_a_path_is_kept() {
        let address = Address::parse("account.example.com").unwrap();
        assert_eq!(address.url("/api/v3/x"), "https://account.example.com/api/v3/x");
        let address = Address::parse("https://example.com:8443/prefix/").unwrap();
        assert_eq!(address.url("/api"), "https://example.com:8443/prefix/api");
    }

    #[test]
    fn the_server_is_named_with_its_port() {
        for (address, server) in [
            ("account.example.com", "https://account.example.com:443"),
            ("https://example.com:8443/prefix/", "https://example.com:8443"),
            ("http://localhost", "http://localhost:80"),
            ("http://[::1]", "http://[::1]:80"),
            ("http://[::1]:8451/x", "http://[::1]:8451"),
        ] {
            assert_eq!(Address::parse(address).unwrap().server(), server);
        }
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for ok in ["http://127.0.0.1:8451", "http://127.9.0.1", "http://localhost:1", "http://[::1]:8451"] {
            assert!(Address::parse(ok).is_ok(), "{ok}");
        }
        for refused in ["http://example.com", "http://localhost.example.com", "http://10.0.0.1", "http://[::2]"] {
            assert!(Address::parse(refused).unwrap_err().contains("plain http"), "{refused}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for bad in ["", "https://", "ftp://x", "https://user:pw@x", "https://x?y", "https://x#y", "a b", "https://é"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = Address::parse(&text);
        }
    }
}
