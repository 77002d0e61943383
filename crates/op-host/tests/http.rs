//! Tests the host's HTTP over real sockets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests, which may panic")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use op_core::host::{Host, HttpMethod, HttpRequest, HttpResponse, TransportError, TransportErrorKind};
use op_host::{HostError, HostOptions, NativeHost};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Barrier, oneshot},
};

const SHORT: Duration = Duration::from_millis(150);

fn host() -> NativeHost {
    NativeHost::new(&HostOptions::default()).unwrap()
}

fn get(url: impl Into<String>) -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url: url.into(),
        headers: vec![("x-test", "yes".into())],
        body: Vec::new(),
        timeout: Duration::from_secs(20),
    }
}

async fn failure(request: HttpRequest) -> TransportError {
    host().http(request).await.unwrap_err()
}

/// Returns a listener, and the URL of a vault on it.
async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/vault/secretvault", listener.local_addr().unwrap());
    (listener, url)
}

/// Reads one request: its head, and a body of the declared length.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&received).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse().unwrap() {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => received.extend_from_slice(&chunk[..count]),
        }
    }
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), head: &str, body: &str) {
    let text = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Answers every request on every connection with the request's own text.
async fn echo(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            while let Some(request) = read_request(&mut stream).await {
                answer(&mut stream, "200 OK", &request).await;
            }
        });
    }
}

fn text(response: &HttpResponse) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

#[tokio::test]
async fn sends_method_headers_and_body_and_returns_the_response() {
    let (listener, url) = listen().await;
    tokio::spawn(echo(listener));
    let request = HttpRequest { method: HttpMethod::Patch, body: b"{\"a\":1}".to_vec(), ..get(url) };
    let response = host().http(request).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(response.header("content-length").is_some());
    assert!(text(&response).starts_with("PATCH /api/v1/vault/secretvault HTTP/1.1\r\n"), "{}", text(&response));
    assert!(text(&response).contains("x-test: yes\r\n"));
    assert!(text(&response).ends_with("{\"a\":1}"));
}

#[tokio::test]
async fn a_refused_connection_is_reported_without_the_url() {
    let (listener, url) = listen().await;
    drop(listener);
    let error = failure(get(url)).await;
    assert_eq!((error.kind, error.proxy.as_deref()), (TransportErrorKind::Refused, Some("")));
    assert!(error.message.contains("refused"), "{}", error.message);
    assert!(!error.message.contains("secretvault"), "{}", error.message);
}

#[tokio::test]
async fn an_unknown_host_name_is_reported() {
    let error = failure(get("https://no-such-host.invalid/secretvault")).await;
    assert_eq!(error.kind, TransportErrorKind::Dns, "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_body_is_interrupted() {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
    });
    let error = failure(get(url)).await;
    assert_eq!(error.kind, TransportErrorKind::Interrupted, "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_response_is_interrupted() {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
        }
    });
    let error = failure(get(url)).await;
    assert_eq!(error.kind, TransportErrorKind::Interrupted, "{}", error.message);
}

#[tokio::test]
async fn waiting_for_a_response_ends_with_the_requests_timeout() {
    let (listener, url) = listen().await;
    let started = Instant::now();
    let error = failure(HttpRequest { timeout: SHORT, ..get(url) }).await;
    assert_eq!(error.kind, TransportErrorKind::Timeout, "{}", error.message);
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(listener);
}

#[tokio::test]
async fn the_timeout_covers_a_body_that_never_ends() {
    let (listener, url) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
        std::future::pending::<()>().await;
    });
    let error = failure(HttpRequest { timeout: SHORT, ..get(url) }).await;
    assert_eq!(error.kind, TransportErrorKind::Timeout, "{}", error.message);
    server.abort();
}

#[tokio::test]
async fn redirects_are_returned() {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        answer(&mut stream, "302 Found\r\nlocation: http://127.0.0.1:1/", "").await;
    });
    let response = host().http(get(url)).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(response.header("location"), Some("http://127.0.0.1:1/"));
}

#[tokio::test]
async fn malformed_requests_have_their_own_kind_and_are_not_quoted() {
    for request in [
        get("secretvault"),
        get("ftp://127.0.0.1/secretvault"),
        HttpRequest { headers: vec![("x-test", "secretvault\n".into())], ..get("http://127.0.0.1:1/") },
    ] {
        let error = failure(request).await;
        assert_eq!(error.kind, TransportErrorKind::InvalidRequest, "{}", error.message);
        assert!(!error.message.contains("secretvault"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_hundred_requests_run_concurrently() {
    const COUNT: usize = 100;
    let (listener, url) = listen().await;
    let all_arrived = Arc::new(Barrier::new(COUNT));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let all_arrived = Arc::clone(&all_arrived);
            tokio::spawn(async move {
                read_request(&mut stream).await;
                all_arrived.wait().await;
                answer(&mut stream, "200 OK", "together").await;
            });
        }
    });
    let host = host();
    let calls: Vec<_> = (0..COUNT)
        .map(|_| {
            let (host, request) = (host.clone(), get(url.clone()));
            tokio::spawn(async move { host.http(request).await })
        })
        .collect();
    for call in calls {
        assert_eq!(text(&call.await.unwrap().unwrap()), "together");
    }
}

#[tokio::test]
async fn a_pooled_connection_that_the_server_closed_is_replaced() {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            // HTTP/1.1 keeps the connection open by default, but this server closes it.
            answer(&mut stream, "200 OK", "once").await;
        }
    });
    let host = host();
    for _ in 0..10 {
        assert_eq!(text(&host.http(get(url.clone())).await.unwrap()), "once");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let (listener, url) = listen().await;
    let (closed, was_closed) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        read_request(&mut stream).await;
        closed.send(()).unwrap();
    });
    let host = host();
    let call = host.http(get(url));
    assert!(tokio::time::timeout(SHORT, call).await.is_err());
    tokio::time::timeout(Duration::from_secs(10), was_closed).await.unwrap().unwrap();
}

#[test]
fn one_host_serves_one_runtime_after_another() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let (listener, url) = server.block_on(listen());
    server.spawn(echo(listener));
    let host = host();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            host.sleep(Duration::from_millis(1)).await;
            assert_eq!(host.http(get(url.clone())).await.unwrap().status, 200);
        });
    }
}

#[tokio::test]
async fn the_proxy_of_the_options_gets_the_request() {
    let (listener, url) = listen().await;
    tokio::spawn(echo(listener));
    let proxy = url.trim_end_matches("/api/v1/vault/secretvault").replace("http://", "http://user:pass@");
    let options = HostOptions { proxy: Some(proxy), ..HostOptions::default() };
    assert!(!format!("{options:?}").contains("pass"));
    let response = NativeHost::new(&options).unwrap().http(get("http://account.example/x")).await.unwrap();
    assert!(text(&response).starts_with("GET http://account.example/x HTTP/1.1\r\n"), "{}", text(&response));
    assert!(text(&response).contains("proxy-authorization: Basic dXNlcjpwYXNz\r\n"), "{}", text(&response));
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_missing_is_named_without_its_password() {
    let (listener, url) = listen().await;
    let address = listener.local_addr().unwrap();
    let proxy = url.trim_end_matches("/api/v1/vault/secretvault").replace("http://", "http://user:hunter2@");
    let host = NativeHost::new(&HostOptions { proxy: Some(proxy), ..HostOptions::default() }).unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            answer(&mut stream, "403 Forbidden", "").await;
        }
    });
    let refuses = host.http(get("https://account.example/secretvault")).await.unwrap_err();
    assert_eq!(refuses.kind, TransportErrorKind::Proxy, "{}", refuses.message);
    server.abort();
    let _ = server.await;
    let missing = host.http(get("https://account.example/secretvault")).await.unwrap_err();
    assert_eq!(missing.kind, TransportErrorKind::Refused, "{}", missing.message);
    for error in [refuses, missing] {
        assert_eq!(error.proxy, Some(format!("http://{address}")));
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn malformed_options_are_named() {
    let proxy = HostOptions { proxy: Some("http://user:secret@[".into()), ..HostOptions::default() };
    let error = NativeHost::new(&proxy).unwrap_err();
    assert!(matches!(error, HostError::Proxy));
    assert!(!error.to_string().contains("secret"));
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let options = HostOptions { extra_ca_pem: Some(pem.into()), ..HostOptions::default() };
        assert!(matches!(NativeHost::new(&options).unwrap_err(), HostError::Certificates), "{pem:?}");
    }
}

#[tokio::test]
async fn a_private_certificate_is_trusted_only_if_configured() {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = issued.cert.pem().into_bytes();
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let config = tokio_rustls::rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (stream, _): (TcpStream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                read_request(&mut stream).await;
                answer(&mut stream, "200 OK", "private").await;
            }
        }
    });

    let error = failure(get(url.clone())).await;
    assert_eq!(error.kind, TransportErrorKind::Tls, "{}", error.message);
    let options = HostOptions { extra_ca_pem: Some(pem), ..HostOptions::default() };
    assert_eq!(text(&NativeHost::new(&options).unwrap().http(get(url)).await.unwrap()), "private");
}

#[tokio::test]
async fn requests_beyond_the_limit_wait_for_a_free_connection() {
    const LIMIT: usize = 100;
    let (listener, url) = listen().await;
    let host = Arc::new(host());
    let started: Vec<_> = (0..LIMIT + 20)
        .map(|_| {
            let (host, url) = (host.clone(), url.clone());
            tokio::spawn(async move { host.http(get(url)).await })
        })
        .collect();
    let mut open = Vec::new();
    for _ in 0..LIMIT {
        open.push(listener.accept().await.unwrap().0);
    }
    let (one_more, _) = tokio::join!(tokio::time::timeout(SHORT, listener.accept()), async {
        let waiting = host.http(HttpRequest { timeout: SHORT / 2, ..get(url.clone()) }).await.unwrap_err();
        assert_eq!(waiting.kind, TransportErrorKind::Timeout);
    });
    assert!(one_more.is_err(), "more connections than the limit");
    for mut stream in open {
        tokio::spawn(async move {
            while let Some(request) = read_request(&mut stream).await {
                answer(&mut stream, "200 OK", &request).await;
            }
        });
    }
    tokio::spawn(echo(listener));
    for request in started {
        assert_eq!(request.await.unwrap().unwrap().status, 200);
    }
}

#[test]
fn the_version_of_the_http_library_is_the_locked_one() {
    let lock = include_str!("../../../Cargo.lock");
    let package = lock.split("[[package]]").find(|package| package.contains("name = \"reqwest\"\n")).unwrap();
    assert!(package.contains(&format!("version = \"{}\"\n", op_host::REQWEST_VERSION)), "{package}");
}
