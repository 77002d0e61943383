//! Answers one request, with the server's answer or with the fault of a rule.

use std::{fmt, future::Future, time::Duration};

use axum::body::{Body, Bytes, to_bytes};
use futures_util::{FutureExt, StreamExt, stream};
use hyper::{
    HeaderMap, Request, Response,
    body::Incoming,
    header::{self, HeaderValue},
};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    Shared, lock,
    rule::{Fault, Rule},
};

/// The pause before a reset, so that the client receives the bytes sent before it.
const BEFORE_RESET: Duration = Duration::from_millis(20);
const DRIP_INTERVAL: Duration = Duration::from_millis(100);
const PAGE: &str = "<!doctype html><title>Welcome</title><p>Please sign in to the network.";

/// An error that ends the connection with a reset.
#[derive(Debug)]
pub(super) struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rule resets this connection")
    }
}

impl std::error::Error for Reset {}

pub(super) async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Body>, Reset> {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let line = format!("{} {target}", request.method());
    let session = request.headers().get("x-agilebits-session-id").and_then(|id| id.to_str().ok());
    let (rule, generation) = hit(shared, &line, session);
    lock(&shared.requests).push(line);
    sleep(Duration::from_millis(shared.delay_ms.load(std::sync::atomic::Ordering::Relaxed))).await;
    match rule {
        None => Ok(forward(shared, request).await.into_response()),
        Some(rule) => faulty(shared, &rule, generation, request).await,
    }
}

async fn faulty(
    shared: &Shared,
    rule: &Rule,
    generation: u64,
    request: Request<Incoming>,
) -> Result<Response<Body>, Reset> {
    Ok(match rule.fault {
        Fault::Refuse | Fault::ResetBeforeHeaders => return Err(Reset),
        Fault::StallBeforeHeaders => {
            stall(shared, generation).await;
            forward(shared, request).await.into_response()
        }
        Fault::ResetAfterHeaders => forward(shared, request).await.cut(|_| stream::iter([]).chain(reset())),
        Fault::HalfBody => forward(shared, request).await.cut(|body| once(half(&body)).chain(reset())),
        Fault::StallInBody => {
            let stall = stall(shared, generation);
            forward(shared, request).await.cut(|body| {
                let rest = body.slice(body.len() / 2..);
                once(half(&body)).chain(stream::once(stall.map(|()| Ok(rest))))
            })
        }
        Fault::Drip => forward(shared, request).await.cut(drip),
        Fault::Tampered => forward(shared, request).await.with_member("data", tampered),
        Fault::WrongKid => forward(shared, request).await.with_member("kid", |kid| format!("{kid}x")),
        Fault::Endless => {
            let chunks = stream::repeat_with(|| Chunk::Ok(Bytes::from_static(&[b' '; 65_536])));
            Response::new(Body::from_stream(chunks))
        }
        Fault::Huge => {
            let mut response = Response::new(Body::from_stream(stream::pending::<Chunk>()));
            response.headers_mut().insert(header::CONTENT_LENGTH, (1_u64 << 40).into());
            response
        }
        Fault::Html => {
            let mut response = Response::new(PAGE.into());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        }
        Fault::Status => status(rule.status, rule.retry_after),
        Fault::EndSession => status(401, None),
    })
}

/// Returns the rule that applies to a request, and the generation of the rules.
fn hit(shared: &Shared, line: &str, session: Option<&str>) -> (Option<Rule>, u64) {
    let mut hit = (None, 0);
    // Stalled requests are not notified, because the rules stay the same.
    shared.rules.send_if_modified(|rules| {
        hit = (rules.hit(line, session), rules.generation);
        false
    });
    hit
}

/// Waits until the rules of this generation are replaced.
fn stall(shared: &Shared, generation: u64) -> impl Future<Output = ()> + Send + use<> {
    let (stalled, mut rules) = (shared.stalled.enter(), shared.rules.subscribe());
    async move {
        let _stalled = stalled;
        // Fails if the proxy has stopped.
        let _ = rules.wait_for(|rules| rules.generation != generation).await;
    }
}

fn status(status: u16, retry_after: Option<u32>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if let Some(seconds) = retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    response.body("{}".into()).expect("a rule's status is one of HTTP's")
}

type Chunk = Result<Bytes, Reset>;

fn once(bytes: Bytes) -> stream::Iter<std::array::IntoIter<Chunk, 1>> {
    stream::iter([Ok(bytes)])
}

fn reset() -> impl stream::Stream<Item = Chunk> {
    stream::once(async {
        sleep(BEFORE_RESET).await;
        Err(Reset)
    })
}

fn half(body: &Bytes) -> Bytes {
    body.slice(..body.len() / 2)
}

fn drip(body: Bytes) -> impl stream::Stream<Item = Chunk> {
    stream::iter(0..body.len()).then(move |at| {
        let byte = body.slice(at..=at);
        async move {
            sleep(DRIP_INTERVAL).await;
            Ok(byte)
        }
    })
}

/// Returns the Base64 text with another first digit.
fn tampered(data: &str) -> String {
    let digit = if data.starts_with('A') { 'B' } else { 'A' };
    data.chars().skip(1).fold(String::from(digit), |mut text, digit| {
        text.push(digit);
        text
    })
}

/// The server's own answer.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

async fn forward(shared: &Shared, request: Request<Incoming>) -> Answer {
    match exchange(shared, request).await {
        Ok(answer) => answer,
        Err(error) => Answer { status: 502, headers: HeaderMap::new(), body: format!("opwire-faults: {error}").into() },
    }
}

async fn exchange(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await?;
    // A client that uses this as an HTTP proxy sends the absolute URL of the server.
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let response = shared
        .http
        .request(head.method, format!("{}{target}", shared.upstream))
        .headers(head.headers)
        .body(body)
        .send()
        .await?;
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    Ok(Answer { status, headers, body: response.bytes().await? })
}

impl Answer {
    fn into_response(self) -> Response<Body> {
        self.cut(once)
    }

    /// Returns the unchanged head, with the body as `body` converts it.
    fn cut<S>(self, body: impl FnOnce(Bytes) -> S) -> Response<Body>
    where
        S: stream::Stream<Item = Chunk> + Send + 'static,
    {
        let length = self.body.len();
        let mut response = Response::new(Body::from_stream(body(self.body)));
        *response.status_mut() = self.status.try_into().expect("the server's status is one of HTTP's");
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response
    }

    /// Returns the answer with a member of its JSON body changed.
    fn with_member(mut self, name: &str, change: impl FnOnce(&str) -> String) -> Response<Body> {
        let envelope: Option<Value> = serde_json::from_slice(&self.body).ok();
        let changed = envelope.and_then(|mut envelope| {
            let member = envelope.get_mut(name)?;
            *member = change(member.as_str()?).into();
            Some(envelope)
        });
        match changed {
            Some(envelope) => self.body = envelope.to_string().into(),
            None => self = Answer { status: 502, body: format!("opwire-faults: no {name} to change").into(), ..self },
        }
        self.into_response()
    }
}
