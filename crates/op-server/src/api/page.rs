//! The page that opens shares: the same bytes for everybody.

use std::io::Write;
use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::extract::text;
use crate::State;
use op_protocol::b64;

/// The page's path.
pub(super) const PATH: &str = "/s";

/// What the page may do. Nothing but its own files is run, and what a share holds is never taken for markup.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// A file of the page.
struct Asset {
    kind: &'static str,
    content: &'static [u8],
    gzip: Vec<u8>,
    tag: String,
}

impl Asset {
    fn new(kind: &'static str, content: &'static [u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail; if it did, the file would be sent as it is.
        let gzip = encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_default();
        Self { kind, content, gzip, tag: format!("W/\"{}\"", b64::encode(&Sha256::digest(content))) }
    }

    fn answer(&'static self, headers: &HeaderMap) -> Response {
        let is_known = text(headers, header::IF_NONE_MATCH.as_str()).is_some_and(|tags| tags.contains(&self.tag));
        let takes_gzip = text(headers, header::ACCEPT_ENCODING.as_str()).is_some_and(takes_gzip);
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else if takes_gzip && !self.gzip.is_empty() {
            ([(header::CONTENT_ENCODING, "gzip")], self.gzip.as_slice()).into_response()
        } else {
            self.content.into_response()
        };
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        if let Ok(tag) = HeaderValue::try_from(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

const HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-cache"),
    (header::VARY, "accept-encoding"),
];

fn takes_gzip(encodings: &str) -> bool {
    encodings.split(',').any(|encoding| {
        let (name, quality) = encoding.split_once(';').unwrap_or((encoding, ""));
        let is_refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

/// Declares the files of the page, by path.
macro_rules! assets {
    ($($($path:literal),+ => $file:literal $kind:literal;)+) => {
        pub(super) fn routes() -> Router<State> {
            Router::new()$($(.route($path, get(async |headers: HeaderMap| {
                static ASSET: LazyLock<Asset> = LazyLock::new(|| {
                    Asset::new($kind, include_bytes!(concat!("../../assets/share/", $file)))
                });
                ASSET.answer(&headers)
            })))+)+
        }
    };
}

assets! {
    "/s", "/s/" => "index.html" "text/html; charset=utf-8";
    "/s/page.js" => "page.js" "text/javascript; charset=utf-8";
    "/s/page.css" => "page.css" "text/css; charset=utf-8";
}
