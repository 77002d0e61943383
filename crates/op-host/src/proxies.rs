//! Finds the proxy of a request, for error messages, with the code that reqwest uses to choose it.

use std::env;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::client::HostOptions;

/// The proxies of a host.
#[derive(Debug)]
pub(crate) struct Proxies(Matcher);

impl Proxies {
    pub(crate) fn new(options: &HostOptions) -> Self {
        Self(match &options.proxy {
            None => Matcher::from_system(),
            Some(url) => {
                let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| env::var(name).ok());
                Matcher::builder().all(url.as_str()).no(exceptions.unwrap_or_default()).build()
            }
        })
    }

    /// Returns the proxy for a URL, without user and password; empty if there is none.
    pub(crate) fn proxy_for(&self, url: &str) -> String {
        let intercept = url.parse::<Uri>().ok().and_then(|url| self.0.intercept(&url));
        let Some(intercept) = intercept else { return String::new() };
        let proxy = intercept.uri();
        let scheme = proxy.scheme_str().unwrap_or("http");
        let port = proxy.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        format!("{scheme}://{}:{port}", proxy.host().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let proxy = Some("http://user:secret@proxy.example:3128".to_owned());
        let proxies = Proxies::new(&HostOptions { proxy, ..HostOptions::default() });
        assert_eq!(proxies.proxy_for("https://account.example.com/api"), "http://proxy.example:3128");
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
