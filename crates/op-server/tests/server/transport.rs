use std::io;
use std::net::TcpListener;
use std::time::Duration;

use op_server::{Config, Origins, ServeError, State, TlsPaths, app, serve};
use op_testkit::TestServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Client, http, new_id, owner, post, send};

/// Sends bytes as they are and gives the status line's code.
async fn raw(base: &str, request: String) -> u16 {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A request head of a session. `target` is the request line's, `url` the one that is signed.
fn head(client: &Client, target: &str, host: &str, url: &str) -> String {
    let (session, signature) = (&client.keys.id, client.signature("GET", url));
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nx-agilebits-session-id: {session}\r\nx-agilebits-mac: {signature}\r\n\r\n"
    )
}

#[tokio::test]
async fn absolute_urls_as_a_proxy_gets_them_are_served() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let url = "http://x.b5local.com/api/v2/account/keysets";
    assert_eq!(raw(&server.url, head(&client, url, "x.b5local.com", url)).await, 200);
    assert_eq!(
        raw(&server.url, head(&client, url, "other.example", url)).await,
        200,
        "the URL's host is the one that counts"
    );
    let with_port = "http://x.b5local.com:8080/api/v2/account/keysets?";
    assert_eq!(raw(&server.url, head(&client, with_port, "x.b5local.com:8080", with_port)).await, 200);
    let path = "/api/v2/account/keysets";
    assert_eq!(raw(&server.url, head(&client, path, "x.b5local.com:8080", url)).await, 200);
    assert_eq!(raw(&server.url, head(&client, path, "other.example", url)).await, 401);
    assert_eq!(raw(&server.url, head(&client, path, "not a host", url)).await, 400);
}

/// Keeps the connection open: a refusal does not wait for more of the request.
#[tokio::test]
async fn malformed_requests_are_refused_at_once() {
    let server = TestServer::start().await;
    let health = "GET /api/opwire/v1/health HTTP/1.1\r\n";
    let start = "POST /api/v3/auth/start HTTP/1.1\r\nHost: a.example\r\n";
    for request in [
        format!("{health}Host: a.example\r\nHost: b.example\r\n\r\n"),
        format!("{health}Host: a.example\r\nHost: a.example\r\n\r\n"),
        format!("{health}\r\n"),
        format!("{health}Host: a.example, b.example\r\n\r\n"),
        format!("{health}Host: a.example\r\nHost : b.example\r\n\r\n"),
        format!("{health}Host: a.example\r\n folded\r\n\r\n"),
        "GET  /api/opwire/v1/health HTTP/1.1\r\nHost: a.example\r\n\r\n".to_owned(),
        "GET /api/opwire/v1/health HTTP/3.7\r\nHost: a.example\r\n\r\n".to_owned(),
        "GET http://a.example/api/opwire/v1/health HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n".to_owned(),
        format!("{start}Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
        format!("{start}Content-Length: 5, 5\r\n\r\n"),
        format!("{start}Content-Length: +5\r\n\r\n"),
        format!("{start}Content-Length: -1\r\n\r\n"),
        format!("{start}Transfer-Encoding: chunked, identity\r\n\r\n"),
        format!("{start}Transfer-Encoding: chunked\r\n\r\nnot a number\r\n"),
        "POST /api/v3/auth/start HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        let answered = tokio::time::timeout(Duration::from_secs(30), stream.read_exact(&mut status)).await;
        answered.unwrap_or_else(|_| panic!("no answer to {request}")).unwrap();
        assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 400", "{request}");
    }
    let old = "GET /api/opwire/v1/health HTTP/1.0\r\n\r\n".to_owned();
    assert_eq!(raw(&server.url, old).await, 200, "HTTP/1.0 knows no Host header");
}

#[tokio::test]
async fn an_empty_query_is_none() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let body = json!({"email": "a@example.com", "skFormat": "A3", "skid": "ABCDEF", "deviceUuid": new_id()});
    assert_eq!(post(&server.url, "/api/v3/auth/start?", None, &body).await.status, 200);
    assert_eq!(client.get("/api/v2/account/keysets?").await.status, 200);
}

#[tokio::test]
async fn what_is_no_route_is_refused_in_json() {
    let server = TestServer::start().await;
    send(http().get(format!("{}/api/v9/nothing", server.url))).await.refused(404);
    send(http().get(&server.url)).await.refused(404);
    send(http().get(format!("{}/api/v3/auth/start", server.url))).await.refused(405);
    let health: Value = send(http().get(format!("{}/api/opwire/v1/health", server.url))).await.json();
    assert_eq!(health["status"], "ok");
}

#[tokio::test]
async fn browsers_may_call_from_the_pages_that_are_allowed() {
    let preflight = |url: &str, origin: &str| {
        let request = http().request(reqwest::Method::OPTIONS, format!("{url}/api/v1/vaults"));
        let request = request.header("origin", origin).header("access-control-request-method", "GET");
        send(request.header("access-control-request-headers", "x-agilebits-mac,x-agilebits-session-id,op-user-agent"))
    };
    let server = TestServer::start().await;
    let headers = preflight(&server.url, "https://app.example").await.headers;
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert!(headers["access-control-allow-headers"].to_str().unwrap().contains("x-agilebits-mac"));
    assert!(!headers.contains_key("access-control-allow-credentials"));
    let refused =
        send(http().get(format!("{}/api/v1/vaults", server.url)).header("origin", "https://app.example")).await;
    assert_eq!(refused.headers["access-control-expose-headers"], "retry-after,ratelimit,ratelimit-policy");
    assert_eq!(refused.headers["access-control-allow-origin"], "*");

    let origins = Origins::List(vec!["https://app.example".parse().unwrap()]);
    let server = TestServer::start_with(|config| config.origins = origins).await;
    let allowed = preflight(&server.url, "https://app.example").await.headers;
    assert_eq!(allowed["access-control-allow-origin"], "https://app.example");
    assert!(!preflight(&server.url, "https://evil.example").await.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(Config::new(folder.path())).await.unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let error = serve(listener, app(state), None, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, ServeError::PlainHttp(_)));
    assert!(error.to_string().contains("--tls-cert"), "{error}");
}

#[tokio::test]
async fn https_is_served_with_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let paths = TlsPaths { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&paths.certificate, made.cert.pem()).unwrap();
    std::fs::write(&paths.key, made.signing_key.serialize_pem()).unwrap();
    let state = State::open(Config::new(folder.path().join("data"))).await.unwrap();

    let missing = TlsPaths { key: folder.path().join("none.pem"), ..paths.clone() };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = serve(listener, app(state.clone()), Some(missing), std::future::pending()).await.unwrap_err();
    assert!(
        matches!(&error, ServeError::Certificate { cause, .. } if cause.kind() == io::ErrorKind::NotFound),
        "{error}"
    );

    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(serve(listener, app(state), Some(paths), async { drop(stopped.await) }));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let url = format!("https://localhost:{port}/api/opwire/v1/health");
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    drop(client);
    drop(stop);
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "the listener is closed");
}
