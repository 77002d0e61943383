//! The `x-agilebits-mac` header, which signs each request of a session with the session key.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::b64;

const KEY_LABEL: &[u8] = b"He never wears a Mac, in the pouring rain. Very strange.";
const VERSION: &str = "v1";
const MAC_LENGTH: usize = 12;

/// Signs and verifies the requests of one session.
#[derive(Clone)]
pub struct RequestMac {
    session_id: String,
    key: Zeroizing<[u8; 32]>,
}

impl RequestMac {
    /// Returns the signer of the session `session_id`.
    #[must_use]
    pub fn new(session_id: impl Into<String>, session_key: &[u8; 32]) -> Self {
        Self { session_id: session_id.into(), key: Zeroizing::new(hmac_sha256(session_key, KEY_LABEL)) }
    }

    /// Returns the header of a request to the absolute `url`.
    #[must_use]
    pub fn header(&self, method: &str, url: &str, request_id: u32) -> String {
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
        let (authority, path_and_query) = after_scheme.split_at(end);
        self.sign(method, authority, path_and_query, request_id)
    }

    /// Checks that `header` belongs to the request, in constant time.
    ///
    /// `host` is the host in the client's URL, with or without its port; `path_and_query` is the rest of the URL.
    #[must_use]
    pub fn verify(&self, method: &str, host: &str, path_and_query: &str, header: &str) -> bool {
        let Some(request_id) = header.split('|').nth(1).and_then(|id| id.parse().ok()) else {
            return false;
        };
        self.sign(method, host, path_and_query, request_id).as_bytes().ct_eq(header.as_bytes()).into()
    }

    fn sign(&self, method: &str, authority: &str, path_and_query: &str, request_id: u32) -> String {
        let host = host(authority).to_ascii_lowercase();
        let path_and_query = path_and_query.split('#').next().unwrap_or_default();
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let path = path.strip_prefix('/').unwrap_or(path);
        let session_id = &self.session_id;
        let message = format!("{session_id}|{method}|{host}/{path}?{query}|{VERSION}|{request_id}");
        let mac = hmac_sha256(&self.key, message.as_bytes());
        let (mac, _) = mac.split_at(MAC_LENGTH);
        format!("{VERSION}|{request_id}|{}", b64::encode(mac))
    }
}

impl fmt::Debug for RequestMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestMac").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// Returns the host of an authority, without user and port. An IPv6 address keeps its brackets.
fn host(authority: &str) -> &str {
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    match host_and_port.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host_and_port,
    }
}

fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    hmac.update(message);
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mac() -> RequestMac {
        RequestMac::new("PBXONDZUWVCJFAV25C7XR7IYDQ", &[7; 32])
    }

    #[test]
    fn only_host_path_and_query_of_the_url_count() {
        let expected = mac().header("GET", "http://example.com/api?", 7);
        for url in
            ["https://example.com/api", "http://example.com:8451/api", "http://user:word@Example.com:8451/api#fragment"]
        {
            assert_eq!(mac().header("GET", url, 7), expected, "{url}");
        }
        for url in ["http://example.com/api?a", "http://example.com/api/", "http://example.org/api"] {
            assert_ne!(mac().header("GET", url, 7), expected, "{url}");
        }
        let root = mac().header("GET", "http://example.com", 7);
        assert_eq!(root, mac().header("GET", "http://example.com/", 7));
        assert_eq!(mac().header("GET", "http://[::1]:80/", 7), mac().header("GET", "http://[::1]/", 7));
    }

    #[test]
    fn malformed_headers_do_not_verify() {
        let header = mac().header("GET", "http://example.com/api?a=b|c", 7);
        let verify = |header: &str| mac().verify("GET", "example.com:8451", "/api?a=b|c", header);
        assert!(verify(&header));
        for other in [
            "",
            "v1",
            "v1|7",
            "v1|x|y",
            &header.replace("|7|", "|07|"),
            &header.replace("|7|", "|8|"),
            &format!("{header}|"),
            &header[..header.len() - 1],
        ] {
            assert!(!verify(other), "{other}");
        }
        assert!(!RequestMac::new("OTHER", &[7; 32]).verify("GET", "example.com", "/api?a=b|c", &header));
    }

    proptest! {
        #[test]
        fn a_server_verifies_signatures_of_clients(
            method in "[A-Z]{3,6}",
            host in "[a-z0-9.-]{1,20}|\\[[0-9a-f:]{2,10}\\]",
            port in "(:[0-9]{1,5})?",
            path in "(/[ -~]{0,40})?",
            request_id: u32,
            other_id: u32,
        ) {
            let header = mac().header(&method, &format!("https://{host}{port}{path}"), request_id);
            // A proxy may leave out the port and change the host's case, but nothing else.
            for authority in [&host, &format!("{host}{port}"), &host.to_uppercase()] {
                prop_assert!(mac().verify(&method, authority, &path, &header));
            }
            let other = header.replacen(&request_id.to_string(), &other_id.to_string(), 1);
            prop_assert_eq!(mac().verify(&method, &host, &path, &other), request_id == other_id);
            let other_host = format!("x{host}");
            prop_assert!(!mac().verify(&method, &other_host, &path, &header));
            prop_assert!(!mac().verify(&method.to_lowercase(), &host, &path, &header));
        }
    }
}
