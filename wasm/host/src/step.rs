//! The value that every entry into the module returns.

use op_core::host::HttpRequest;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    executor::{CallId, Outcome},
    frame,
    ops::{OpId, Request},
};

/// What the host has to do after an entry. All requests can run concurrently.
#[derive(Debug, Default)]
pub struct Step {
    /// The call that this entry started.
    pub started: Option<CallId>,
    /// The operations to perform.
    pub requests: Vec<(OpId, Request)>,
    /// The calls that ended.
    pub finished: Vec<(CallId, Outcome)>,
    /// Operations to cancel, because no call waits for them any more.
    pub unwanted: Vec<OpId>,
}

impl Step {
    /// Returns the step as a [`frame`]. Its attachments are the body of each HTTP request, then the text and the
    /// attachments of each finished call.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let header = StepHeader {
            started: self.started,
            http: self.http().map(|(op, request)| HttpHeader::new(op, request)).collect(),
            sleep: self.requests.iter().filter_map(sleep_header).collect(),
            finished: self.finished.iter().map(finished_header).collect(),
            unwanted: &self.unwanted,
        };
        let bodies = self.http().map(|(_, request)| request.body.as_slice());
        let results = self.finished.iter().flat_map(|(_, outcome)| parts(outcome));
        frame::encode(&header, bodies.chain(results))
    }

    fn http(&self) -> impl Iterator<Item = (OpId, &HttpRequest)> + Clone {
        self.requests.iter().filter_map(|(op, request)| match request {
            Request::Http(request) => Some((*op, request)),
            Request::Sleep(_) => None,
        })
    }
}

#[derive(Serialize)]
struct StepHeader<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<CallId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    http: Vec<HttpHeader<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sleep: Vec<SleepHeader>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    finished: Vec<FinishedHeader>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unwanted: &'a [OpId],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpHeader<'a> {
    op: OpId,
    method: &'static str,
    url: &'a str,
    headers: &'a [(&'static str, String)],
    timeout_ms: u64,
    body_len: usize,
}

impl<'a> HttpHeader<'a> {
    fn new(op: OpId, request: &'a HttpRequest) -> Self {
        Self {
            op,
            method: request.method.as_str(),
            url: &request.url,
            headers: &request.headers,
            timeout_ms: millis(request.timeout),
            body_len: request.body.len(),
        }
    }
}

#[derive(Serialize)]
struct SleepHeader {
    op: OpId,
    ms: u64,
}

fn sleep_header((op, request): &(OpId, Request)) -> Option<SleepHeader> {
    match request {
        Request::Sleep(duration) => Some(SleepHeader { op: *op, ms: millis(*duration) }),
        Request::Http(_) => None,
    }
}

#[derive(Serialize)]
struct FinishedHeader {
    call: CallId,
    ok: bool,
    /// The length of the text, and of each attachment.
    lengths: Vec<usize>,
}

fn finished_header((call, outcome): &(CallId, Outcome)) -> FinishedHeader {
    FinishedHeader { call: *call, ok: outcome.is_ok(), lengths: parts(outcome).map(<[u8]>::len).collect() }
}

/// Returns the text of a result or an error, and its attachments.
fn parts(outcome: &Outcome) -> impl Iterator<Item = &[u8]> + Clone {
    let result = outcome.iter().flat_map(frame::message_parts);
    result.chain(outcome.as_ref().err().map(String::as_bytes))
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
