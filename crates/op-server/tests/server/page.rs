//! The page that opens shares.

use op_testkit::TestServer;
use reqwest::Method;

use crate::support::{Answer, http, new_id, owner, send};

async fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Answer {
    request(server, Method::GET, path, headers).await
}

async fn request(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = http().request(method, format!("{}{path}", server.url));
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn everybody_gets_the_same_page() {
    let server = TestServer::start().await;
    let page = get(&server, "/s", &[]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.body.starts_with(b"<!doctype html>"));
    // As mail gateways leave links, with what they append.
    for path in ["/s/", "/s?utm_source=mail", "/s%23x8Qh", "/s%23x8Qh&utm_source=mail/a/b?c"] {
        let other = get(&server, path, &[]).await;
        assert_eq!((other.status.as_u16(), &other.body), (200, &page.body), "{path}");
    }
    get(&server, "/s/other", &[]).await.refused(404);
    get(&server, "/sx", &[]).await.refused(404);
    request(&server, Method::POST, "/s", &[]).await.refused(405);
    let head = request(&server, Method::HEAD, "/s", &[]).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.headers["etag"], page.headers["etag"]);
    for (path, kind) in [("/s/page.js", "text/javascript; charset=utf-8"), ("/s/page.css", "text/css; charset=utf-8")] {
        assert_eq!(get(&server, path, &[]).await.headers["content-type"], kind);
    }
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let server = TestServer::start().await;
    for path in ["/s", "/s/page.js", "/s/page.css", "/s%23x8Qh"] {
        let answer = get(&server, path, &[("origin", "https://evil.example")]).await;
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                 trusted-types 'none'",
            ),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{path}");
    }
}

#[tokio::test]
async fn the_page_is_compressed_and_kept() {
    let server = TestServer::start().await;
    let mut size = 0;
    for path in ["/s", "/s/page.js", "/s/page.css"] {
        let plain = get(&server, path, &[]).await;
        assert!(!plain.headers.contains_key("content-encoding"));
        let packed = get(&server, path, &[("accept-encoding", "br, gzip;q=0.8")]).await;
        assert_eq!(packed.headers["content-encoding"], "gzip");
        assert_eq!(packed.headers["vary"], "accept-encoding");
        assert_eq!(&packed.body[..2], [0x1f, 0x8b]);
        size += packed.body.len();
        let refused = get(&server, path, &[("accept-encoding", "gzip;q=0")]).await;
        assert_eq!(refused.body, plain.body);
        let tag = plain.headers["etag"].to_str().unwrap();
        let known = get(&server, path, &[("if-none-match", tag)]).await;
        assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
        assert_eq!(get(&server, path, &[("if-none-match", "W/\"other\"")]).await.status, 200);
    }
    assert!(size <= 40 * 1024, "the page has {size} bytes on the wire");
}

#[tokio::test]
async fn on_the_host_of_shares_there_is_nothing_else() {
    let share_url = "https://share.example.com";
    let server = TestServer::start_with(|config| config.share_url = Some(share_url.parse().unwrap())).await;
    let client = owner(&server).await;
    assert_eq!(client.get("/api/v3/account").await.status, 200);
    let at = ("host", "share.example.com");
    assert_eq!(get(&server, "/s", &[at]).await.status, 200);
    assert_eq!(get(&server, "/s%23x8Qh", &[("host", "Share.example.com")]).await.status, 200);
    let ticket = serde_json::json!({"uuid": new_id(), "token": new_id(), "ticket": new_id()});
    let status = http().post(format!("{}/api/opwire/v1/share/status", server.url)).header(at.0, at.1);
    let told = send(status.body(ticket.to_string())).await.refused(404);
    assert_eq!(told["errorMessage"], "no such share");
    for path in ["/api/opwire/v1/health", "/api/v3/account", "/"] {
        let told = get(&server, path, &[at]).await.refused(404);
        assert_eq!(told["errorMessage"], "no such route", "{path}");
        assert_ne!(get(&server, path, &[("host", "accounts.example.com")]).await.json::<serde_json::Value>(), told);
    }
}
