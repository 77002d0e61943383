//! Measures the lower bounds for every client: the requests alone, and the cryptography alone, both native.
//!
//! usage: `opwire-floor REQUEST.json`, where the file contains `{"url": ..., "headers": {...}}` of a signed request.
//! Prints milliseconds as JSON.

use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use op_core::{
    Host,
    host::{Crypto, HttpMethod, HttpRequest},
};
use op_host::{NativeCrypto, generate_rsa_key};
use op_protocol::{envelope::Envelope, jwk::SymmetricKey, srp};
use serde_json::json;
use zeroize::Zeroizing;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const REPEATS: usize = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).ok_or("usage: opwire-floor REQUEST.json")?;
    let request = read_request(&std::fs::read(file)?)?;
    let host = op_testkit::account::host();
    let figures = json!({
        "bare": bare(&host, &request, 1).await?,
        "bare_50": bare(&host, &request, 50).await?,
        "bare_500": bare(&host, &request, 500).await?,
        "sign_in": time_of(sign_in),
        "open_key": open_key().await?,
        "open_item": time_of(open_item),
    });
    println!("{figures}");
    Ok(())
}

fn read_request(text: &[u8]) -> Result<HttpRequest> {
    #[derive(serde::Deserialize)]
    struct Saved {
        url: String,
        headers: BTreeMap<String, String>,
    }
    let saved: Saved = serde_json::from_slice(text)?;
    // Leaked, because names of headers are static in the core, and this program ends soon.
    let headers = saved.headers.into_iter().map(|(name, value)| (&*name.leak(), value)).collect();
    Ok(HttpRequest {
        method: HttpMethod::Get,
        url: saved.url,
        headers,
        body: Vec::new(),
        timeout: Duration::from_secs(30),
    })
}

/// Returns the time that `count` concurrent requests take over open connections.
async fn bare(host: &Arc<dyn Host>, request: &HttpRequest, count: usize) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..=REPEATS {
        let began = Instant::now();
        let answers = try_join_all((0..count).map(|_| host.http(request.clone()))).await;
        times.push(milliseconds(began));
        if let Some(refused) = answers.map_err(|error| error.message)?.iter().find(|answer| answer.status != 200) {
            return Err(format!("the server answered {}", refused.status).into());
        }
    }
    // The first round opened the connections.
    Ok(median(times.split_off(1)))
}

/// Computes the client's side of the key exchange in a sign-in.
fn sign_in() -> Option<srp::ClientProof> {
    let x = Zeroizing::new([7; 32]);
    let params = srp::Params { email: "bench@example.com", secret_key_id: "ABCDEF", salt: &[1; 16] };
    let client = srp::Client::new(&x, [9; 32]);
    black_box(client.public_key_hex());
    // Any number in the group will do as the server's, because the work is the same.
    client.finish(&"5a".repeat(512), &params).ok()
}

/// Returns the time to decrypt a vault's key, which is one RSA decryption.
async fn open_key() -> Result<f64> {
    let key = generate_rsa_key("bench").map_err(|_| "cannot generate an RSA key")?;
    let sealed = NativeCrypto.rsa_oaep_encrypt(&key.public(), &[3; 150]).await.map_err(|_| "RSA failed")?;
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let began = Instant::now();
        black_box(NativeCrypto.rsa_oaep_decrypt(&key, &sealed).await.map_err(|_| "RSA failed")?);
        times.push(milliseconds(began));
    }
    Ok(median(times))
}

/// Decrypts an item's answer: the session's envelope, the overview and the details.
fn open_item() -> usize {
    let key = SymmetricKey::new("bench", [5; 32]);
    let opened = [1500, 200, 600].map(|length| {
        let sealed = Envelope::seal(&key, [0; 12], &vec![b'x'; length]);
        sealed.open(&key).map_or(0, |plaintext| plaintext.len())
    });
    opened.iter().sum()
}

fn time_of<T>(work: impl Fn() -> T) -> f64 {
    median(
        (0..REPEATS)
            .map(|_| {
                let began = Instant::now();
                black_box(work());
                milliseconds(began)
            })
            .collect(),
    )
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
