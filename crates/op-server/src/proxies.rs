//! Proxies in front of the server, and the clients behind them.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of a proxy, or a network of such addresses, which is believed about its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// The text is no address and no network.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not an address such as 10.0.0.7, or a network such as 10.0.0.0/8", .0.escape_debug())]
pub struct InvalidTrustedProxy(String);

impl FromStr for TrustedProxy {
    type Err = InvalidTrustedProxy;

    fn from_str(text: &str) -> Result<Self, InvalidTrustedProxy> {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).map(Self).map_err(|_| InvalidTrustedProxy(text.to_owned()))
    }
}

/// The client of a request: the peer, or, if that is trusted, whom it says that it forwards the request for. Each proxy
/// appends its own peer to the header, so the last address that is not a trusted proxy's is the client's; what is
/// before it, the client may have made up.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|proxy| proxy.0.contains(address));
    let mut client = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    for hop in hops.iter().rev() {
        if !is_trusted(&client) {
            break;
        }
        // A proxy that writes something else has named nobody.
        let Some(address) = address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<TrustedProxy> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client_of("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(client_of("192.0.2.1", &["203.0.113.9"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(client_of("10.1.2.3", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client_of("::ffff:10.1.2.3", &["203.0.113.9"], &["10.1.2.3"]), "203.0.113.9");
    }

    #[test]
    fn what_a_client_makes_up_is_before_its_own_address() {
        let trusted = ["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(client_of("127.0.0.1", &["1.1.1.1, 203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(client_of("127.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
        assert_eq!(client_of("127.0.0.1", &["10.9.9.9, 203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
    }

    #[test]
    fn who_is_not_named_is_the_last_that_is_known() {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"];
        assert_eq!(client_of("127.0.0.1", &[], &trusted), "127.0.0.1");
        assert_eq!(client_of("127.0.0.1", &["unknown"], &trusted), "127.0.0.1");
        assert_eq!(client_of("127.0.0.1", &["1.1.1.1, nonsense, 10.0.0.2"], &trusted), "10.0.0.2");
        assert_eq!(client_of("127.0.0.1", &["203.0.113.9:4711"], &trusted), "203.0.113.9");
        assert_eq!(client_of("2001:db8::1", &["[2001:db9::7]:443"], &trusted), "2001:db9::7");
    }

    #[test]
    fn what_is_no_address_is_named() {
        let error = "proxy.example".parse::<TrustedProxy>().unwrap_err();
        assert!(error.to_string().starts_with("`proxy.example` is not an address"), "{error}");
        assert!("10.0.0.0/33".parse::<TrustedProxy>().is_err());
    }
}
