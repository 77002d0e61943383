//! Serves the page while it is open, to nobody but itself.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request as HttpRequest, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
};
use zeroize::Zeroizing;

use super::peer::OwnConnections;
use crate::prompts::{DEAD_TIME, Description, Line, Request};

const PAGE: &str = include_str!("assets/index.html");
const STYLE: &str = include_str!("assets/page.css");
const PROGRAM: &str = include_str!("assets/page.js");

/// The longest body of a request. A password has no thousand characters.
const LONGEST_BODY: usize = 16 << 10;

/// What each response says, so that a browser runs nothing but the page, shows it in no frame, keeps no copy, and gives
/// no other page a handle on it.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "publickey-credentials-get=()"),
];

/// A page that is open. Dropping it closes it.
pub(super) struct Served {
    link: String,
    _open: watch::Sender<()>,
}

/// An answer of the page.
pub(super) struct Asked {
    /// The index of the choice; `None` denies.
    pub(super) allow: Option<usize>,
    pub(super) password: Option<Zeroizing<String>>,
    /// Where the page waits for what became of it.
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// What became of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub(super) enum Outcome {
    Allowed {
        choice: usize,
    },
    Denied,
    WrongPassword,
    Unchecked {
        reason: String,
    },
    /// It came so soon that nobody can have read the page.
    TooSoon,
    /// The prompt has ended before.
    Ended,
}

impl Served {
    /// Serves the page for a request, and returns where its answers arrive.
    pub(super) async fn start(
        request: &Request,
        description: Description,
    ) -> io::Result<(Self, mpsc::Receiver<Asked>)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let host = format!("127.0.0.1:{}", listener.local_addr()?.port());
        let origin = format!("http://{host}");
        let secret = random()?;
        let link = format!("{origin}/#{}", *secret);
        let (answers, arriving) = mpsc::channel(1);
        let (open, closed) = watch::channel(());
        let page = Arc::new(Page {
            hosts: [host],
            origins: [origin],
            secret: Mutex::new(Some(secret)),
            token: random()?,
            view: View::new(request, description),
            ends: Instant::now() + Duration::from_millis(request.timeout_ms),
            shown: Mutex::default(),
            answers,
            closed: closed.clone(),
        });
        let server = axum::serve(OwnConnections(listener), router(page)).with_graceful_shutdown(ended(closed));
        tokio::spawn(server.into_future());
        Ok((Self { link, _open: open }, arriving))
    }

    /// Returns the link that opens the page, once.
    pub(super) fn link(&self) -> &str {
        &self.link
    }
}

struct Page {
    /// What the header `Host` must be. A list of equals: whoever takes a prefix takes the names of others.
    hosts: [String; 1],
    origins: [String; 1],
    /// The secret of the link, until it is exchanged.
    secret: Mutex<Option<Zeroizing<String>>>,
    /// What it is exchanged for.
    token: Zeroizing<String>,
    view: View,
    ends: Instant,
    /// When it was shown first.
    shown: Mutex<Option<Instant>>,
    answers: mpsc::Sender<Asked>,
    closed: watch::Receiver<()>,
}

/// What the page shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    title: String,
    scope: Vec<String>,
    known: Vec<(&'static str, String)>,
    claimed: Vec<(&'static str, String)>,
    choices: Vec<String>,
    duration: &'static str,
    password: Option<String>,
}

impl View {
    fn new(request: &Request, description: Description) -> Self {
        let pairs = |lines: Vec<Line>| lines.into_iter().map(|Line { label, value }| (label, value)).collect();
        let Description { title, scope, known, claimed, choices, duration, password } = description;
        debug_assert_eq!(choices.len(), request.choices.len(), "each choice has a text");
        Self { title, scope, known: pairs(known), claimed: pairs(claimed), choices, duration, password }
    }
}

fn router(page: Arc<Page>) -> Router {
    Router::new()
        .route("/", get(|| file("text/html; charset=utf-8", PAGE)))
        .route("/page.css", get(|| file("text/css; charset=utf-8", STYLE)))
        .route("/page.js", get(|| file("text/javascript; charset=utf-8", PROGRAM)))
        .route("/open", post(open))
        .route("/show", post(show))
        .route("/answer", post(answer))
        .route("/wait", post(wait))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(page.clone(), guard))
        .with_state(page)
}

async fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind)], text)
}

/// Refuses what does not come from the page itself, or from the program that opens it.
async fn guard(State(page): State<Arc<Page>>, request: HttpRequest, next: Next) -> Response {
    let mut response = match page.refusal(request.method(), request.headers()) {
        None => next.run(request).await,
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

impl Page {
    /// Returns why a request is refused; `None` if it is not.
    fn refusal(&self, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
        // A page of elsewhere whose name now resolves to 127.0.0.1 has its own name here.
        if !only(headers, &HOST).is_some_and(|host| self.hosts.iter().any(|own| own == host)) {
            return Some("this address is not the page's");
        }
        let site = only(headers, &HeaderName::from_static("sec-fetch-site"));
        match *method {
            // Loading the page changes nothing. The program that opens links may fetch it before the browser does.
            Method::GET | Method::HEAD => {
                let is_own = matches!(site, None | Some("none" | "same-origin"));
                (!is_own).then_some("another page may not load this one")
            }
            Method::POST => {
                let is_own = only(headers, &ORIGIN).is_some_and(|origin| self.origins.iter().any(|own| own == origin));
                let is_json = only(headers, &CONTENT_TYPE) == Some("application/json");
                let is_allowed = is_own && is_json && site == Some("same-origin");
                (!is_allowed).then_some("only the page itself may do this")
            }
            _ => Some("the page has no such method"),
        }
    }

    fn check(&self, token: &str) -> Result<(), StatusCode> {
        if equal(token, &self.token) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }
}

/// Returns the value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Open {
    secret: Zeroizing<String>,
}

#[derive(Serialize)]
struct Opened<'a> {
    token: &'a str,
}

/// Exchanges the secret of the link for what the page then uses. It is spent by that.
async fn open(State(page): State<Arc<Page>>, Json(Open { secret }): Json<Open>) -> Result<Response, StatusCode> {
    // No code that could panic runs under the lock.
    let mut expected = page.secret.lock().unwrap_or_else(PoisonError::into_inner);
    expected.take_if(|expected| equal(&secret, expected)).ok_or(StatusCode::FORBIDDEN)?;
    Ok(Json(Opened { token: &page.token }).into_response())
}

#[derive(Deserialize)]
struct Token {
    token: Zeroizing<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    view: &'a View,
    dead_time_ms: u128,
    remaining_ms: u128,
}

async fn show(State(page): State<Arc<Page>>, Json(Token { token }): Json<Token>) -> Result<Response, StatusCode> {
    page.check(&token)?;
    page.shown.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    let remaining_ms = page.ends.saturating_duration_since(Instant::now()).as_millis();
    Ok(Json(Shown { view: &page.view, dead_time_ms: DEAD_TIME.as_millis(), remaining_ms }).into_response())
}

#[derive(Deserialize)]
struct Answer {
    token: Zeroizing<String>,
    /// The index of the choice; `None` denies.
    allow: Option<usize>,
    password: Option<Zeroizing<String>>,
}

async fn answer(State(page): State<Arc<Page>>, Json(answer): Json<Answer>) -> Result<Json<Outcome>, StatusCode> {
    let Answer { token, allow, password } = answer;
    page.check(&token)?;
    if let Some(choice) = allow {
        if choice >= page.view.choices.len() {
            return Err(StatusCode::BAD_REQUEST);
        }
        let shown = *page.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.is_none_or(|shown| shown.elapsed() < DEAD_TIME) {
            return Ok(Json(Outcome::TooSoon));
        }
    }
    let (reply, outcome) = oneshot::channel();
    let sent = page.answers.send(Asked { allow, password, reply }).await;
    if sent.is_err() {
        return Ok(Json(Outcome::Ended));
    }
    Ok(Json(outcome.await.unwrap_or(Outcome::Ended)))
}

/// Answers when the prompt ends.
async fn wait(State(page): State<Arc<Page>>, Json(Token { token }): Json<Token>) -> Result<Json<Outcome>, StatusCode> {
    page.check(&token)?;
    ended(page.closed.clone()).await;
    Ok(Json(Outcome::Ended))
}

/// Waits until the page is closed.
async fn ended(mut closed: watch::Receiver<()>) {
    while closed.changed().await.is_ok() {}
}

/// Returns 256 bits that nobody can guess.
fn random() -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(io::Error::other)?;
    Ok(Zeroizing::new(Base64UrlUnpadded::encode_string(&*bytes)))
}

fn equal(text: &str, expected: &str) -> bool {
    text.as_bytes().ct_eq(expected.as_bytes()).into()
}
