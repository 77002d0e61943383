//! Time-based one-time passwords (RFC 6238).

use std::{fmt, ops::RangeInclusive};

use base32ct::{Base32UpperUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// Why there is no code. The names are those of the public SDKs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TotpError {
    /// The secret has less than one byte.
    SecretTooShort,
    /// The secret is not base32.
    SecretNotBase32,
    /// The URL has no `secret`.
    NoSecret,
    /// The URL's scheme is neither `otpauth` nor `steam`.
    InvalidScheme,
    /// The URL is not of type `totp`.
    InvalidUriHost,
    /// The `algorithm` is unknown.
    InvalidAlgorithm,
}

impl fmt::Display for TotpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Returns the code at a time, for an `otpauth://totp/` or `steam://` URL, or a bare base32 secret.
pub(crate) fn code(value: &str, unix_seconds: u64) -> Result<String, TotpError> {
    Ok(Generator::parse(&without_blanks(value))?.code(unix_seconds))
}

/// Removes the blanks and line ends that pasted texts contain. Neither secrets nor parameters contain any.
fn without_blanks(text: &str) -> Zeroizing<String> {
    let is_blank = |c: &char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    kept.extend(text.chars().filter(|c| !is_blank(c)));
    kept
}

#[derive(Clone, Copy)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Copy)]
enum Alphabet {
    /// This number of decimal digits.
    Digits(u32),
    /// Steam's alphabet, see [`STEAM`].
    Steam,
}

struct Generator {
    secret: Zeroizing<Vec<u8>>,
    algorithm: Algorithm,
    alphabet: Alphabet,
    period: u32,
}

/// The alphabet of Steam's codes, which have five symbols.
const STEAM: &[u8; 26] = b"23456789BCDFGHJKMNPQRTVWXY";
const STEAM_LENGTH: u32 = 5;

impl Generator {
    fn parse(value: &str) -> Result<Self, TotpError> {
        let Some((scheme, rest)) = value.split_once("://") else {
            return Self::new(value);
        };
        if is_steam(scheme) {
            let secret = rest.split(['?', '#']).next().unwrap_or_default();
            return Ok(Self { alphabet: Alphabet::Steam, ..Self::new(secret.trim_end_matches('/'))? });
        }
        if !scheme.eq_ignore_ascii_case("otpauth") {
            return Err(TotpError::InvalidScheme);
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, label) = path.split_once('/').unwrap_or((path, ""));
        if !kind.eq_ignore_ascii_case("totp") && !is_steam(kind) {
            return Err(TotpError::InvalidUriHost);
        }
        // A URL that was copied from the source of a web page has `&amp;` between the parameters.
        let pairs = || query.split('&').map(|pair| pair.strip_prefix("amp;").unwrap_or(pair));
        let parameter = |name: &str| {
            let (_, value) =
                pairs().filter_map(|pair| pair.split_once('=')).find(|(n, _)| n.eq_ignore_ascii_case(name))?;
            Some(decoded(value))
        };
        let mut generator = Self::new(&parameter("secret").ok_or(TotpError::NoSecret)?)?;
        if let Some(name) = parameter("algorithm") {
            generator.algorithm = Algorithm::named(&name).ok_or(TotpError::InvalidAlgorithm)?;
        }
        // Values out of range fall back to the default, as in the official SDK.
        let number = |name, range: RangeInclusive<u32>| {
            let text = parameter(name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
            text.parse().ok().filter(|number| range.contains(number))
        };
        let issuer = decoded(label);
        let of_steam = is_steam(kind)
            || issuer.split(':').next().is_some_and(is_steam)
            || ["issuer", "encoder"].into_iter().any(|name| parameter(name).is_some_and(|value| is_steam(&value)));
        if of_steam {
            generator.alphabet = Alphabet::Steam;
        } else if let Some(digits) = number("digits", 1..=8) {
            generator.alphabet = Alphabet::Digits(digits);
        }
        generator.period = number("period", 1..=600).unwrap_or(generator.period);
        Ok(generator)
    }

    fn new(secret: &str) -> Result<Self, TotpError> {
        Ok(Self { secret: base32(secret)?, algorithm: Algorithm::Sha1, alphabet: Alphabet::Digits(6), period: 30 })
    }

    fn code(&self, unix_seconds: u64) -> String {
        let hash = self.algorithm.hmac(&self.secret, &(unix_seconds / u64::from(self.period)).to_be_bytes());
        let offset = usize::from(hash.last().copied().unwrap_or_default() & 0xf);
        let number = hash.iter().skip(offset).take(4).fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
        let number = number & 0x7fff_ffff;
        match self.alphabet {
            Alphabet::Digits(digits) => {
                format!("{:0width$}", number % 10u32.pow(digits), width = digits as usize)
            }
            Alphabet::Steam => {
                let symbol = |place| STEAM.get((number / 26u32.pow(place) % 26) as usize).copied().unwrap_or_default();
                (0..STEAM_LENGTH).map(symbol).map(char::from).collect()
            }
        }
    }
}

fn is_steam(name: &str) -> bool {
    name.eq_ignore_ascii_case("steam")
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        [("SHA1", Self::Sha1), ("SHA256", Self::Sha256), ("SHA512", Self::Sha512)]
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, algorithm)| algorithm)
    }

    fn hmac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        fn run<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
            let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Self::Sha1 => run::<Hmac<Sha1>>(key, message),
            Self::Sha256 => run::<Hmac<Sha256>>(key, message),
            Self::Sha512 => run::<Hmac<Sha512>>(key, message),
        }
    }
}

/// Decodes base32, case-insensitive, in groups or not, padded or not. Bits that do not fill a byte are dropped.
fn base32(text: &str) -> Result<Zeroizing<Vec<u8>>, TotpError> {
    let mut symbols: Zeroizing<Vec<u8>> = Zeroizing::new(
        text.bytes().filter(|byte| !matches!(byte, b'-' | b'=')).map(|byte| byte.to_ascii_uppercase()).collect(),
    );
    let bytes = symbols.len() * 5 / 8;
    // Padding the block with zero bits makes every length and every last symbol valid.
    let padded = symbols.len().next_multiple_of(8);
    symbols.resize(padded, b'A');
    let text = str::from_utf8(&symbols).map_err(|_| TotpError::SecretNotBase32)?;
    let mut secret = Zeroizing::new(Base32UpperUnpadded::decode_vec(text).map_err(|_| TotpError::SecretNotBase32)?);
    if bytes == 0 {
        return Err(TotpError::SecretTooShort);
    }
    secret.truncate(bytes);
    Ok(secret)
}

/// Decodes a part of a URL, and removes blanks that are encoded in it, such as `%20`.
fn decoded(part: &str) -> Zeroizing<String> {
    without_blanks(&percent_decoded(part))
}

/// Decodes percent-encoding. Base32 is ASCII, so that other characters need not be decoded correctly: they are refused.
fn percent_decoded(text: &str) -> Zeroizing<String> {
    let mut decoded = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let byte = (character == '%')
            .then(|| rest.as_str().get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                decoded.push(char::from(byte));
                rest.next();
                rest.next();
            }
            None => decoded.push(if character == '+' { ' ' } else { character }),
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use data_encoding::BASE32;
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    const SEED: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

    /// RFC 6238, appendix B.
    #[test]
    fn the_codes_of_the_rfc() {
        let url = |length: usize, algorithm| {
            format!("otpauth://totp/x?secret={}&digits=8&algorithm={algorithm}", BASE32.encode(&SEED[..length]))
        };
        let cases = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (time, codes) in cases {
            for ((length, algorithm), expected) in [(20, "SHA1"), (32, "SHA256"), (64, "SHA512")].into_iter().zip(codes)
            {
                assert_eq!(code(&url(length, algorithm), time).as_deref(), Ok(expected), "{algorithm} at {time}");
            }
        }
    }

    #[test]
    fn secrets_may_be_bare_grouped_padded_and_of_odd_length() {
        let expected = code("JBSWY3DPEHPK3PXP", 1_795_390_905);
        assert_eq!(expected.as_deref(), Ok("334538"));
        for text in [
            "jbsw y3dp ehpk 3pxp",
            "JBSW-Y3DP-EHPK-3PXP",
            "JBSWY3DPEHPK3PXP====",
            "OTPAUTH://TOTP/a%20b?secret=JBSWY3DPEHPK3PXP#x",
            "otpauth://totp/a:b?issuer=a&secret=jbsw%20Y3DP+EHPK%2d3PXP",
        ] {
            assert_eq!(code(text, 1_795_390_905), expected, "{text}");
        }
        // Codes that the official SDK computed for this time.
        assert_eq!(code("pfff", 1_795_391_895).as_deref(), Ok("930097"));
        assert_eq!(code("pff", 1_795_391_895).as_deref(), Ok("744968"));
    }

    #[derive(Deserialize)]
    struct Vectors {
        secret: String,
        cases: Vec<Case>,
        steam: Steam,
        refused: Vec<Refused>,
    }

    #[derive(Deserialize)]
    struct Case {
        content: String,
        digits: u32,
        period: u32,
        algorithm: String,
    }

    #[derive(Deserialize)]
    struct Steam {
        codes: BTreeMap<String, String>,
        contents: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Refused {
        content: String,
        error: String,
    }

    #[test]
    fn pasted_contents_are_read_as_written() {
        let Vectors { secret, cases, steam, refused } =
            serde_json::from_str(include_str!("../../../../packages/contract/vectors/one-time-passwords.json"))
                .unwrap();
        for Case { content, digits, period, algorithm } in cases {
            let plain =
                format!("otpauth://totp/x?secret={secret}&digits={digits}&period={period}&algorithm={algorithm}");
            for time in [59, 1_795_390_905] {
                assert_eq!(code(&content, time), code(&plain, time), "{content:?}");
                assert_eq!(code(&content, time).map(|code| code.len()), Ok(digits as usize), "{content:?}");
            }
        }
        for content in steam.contents {
            for (time, expected) in &steam.codes {
                assert_eq!(code(&content, time.parse().unwrap()).as_ref(), Ok(expected), "{content:?}");
            }
        }
        for Refused { content, error } in refused {
            assert_eq!(code(&content, 0).map_err(|error| error.to_string()), Err(error), "{content:?}");
        }
    }

    #[test]
    fn parameters_out_of_range_fall_back() {
        let url =
            |parameters: &str| code(&format!("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP{parameters}"), 1_795_390_905);
        let default = url("");
        for parameters in [
            "&digits=0",
            "&digits=9",
            "&digits=10",
            "&digits=11",
            "&digits=x",
            "&digits=",
            "&period=0",
            "&period=x",
            "&period=601",
            "&algorithm=sha1",
        ] {
            assert_eq!(url(parameters), default, "{parameters}");
        }
        assert_eq!(url("&digits=5").map(|code| code.len()), Ok(5));
        assert_eq!(url("&period=600"), url("&period=0600"));
        assert_ne!(url("&period=600"), url(""));
        assert_eq!(url("&period=60&digits=8&algorithm=SHA256").as_deref(), Ok("94830327"));
    }

    #[test]
    fn failures_have_the_names_of_the_public_sdk() {
        let cases = [
            ("", "SecretTooShort"),
            ("A", "SecretTooShort"),
            ("  ", "SecretTooShort"),
            ("otpauth://totp/x?secret=", "SecretTooShort"),
            ("JBSWY3D1", "SecretNotBase32"),
            ("pässword", "SecretNotBase32"),
            ("otpauth://totp/x", "NoSecret"),
            ("https://totp/x?secret=JBSWY3DPEHPK3PXP", "InvalidScheme"),
            ("otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP", "InvalidUriHost"),
            ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=MD5", "InvalidAlgorithm"),
        ];
        for (value, name) in cases {
            assert_eq!(code(value, 0).map_err(|error| error.to_string()), Err(name.to_owned()), "{value}");
        }
    }

    proptest! {
        #[test]
        fn blanks_change_nothing(digits in 1u32..=8, period in 1u32..=600, blanks in "[ \\t\\r\\n\u{a0}]{0,3}", time: u64) {
            let parts = ["otpauth://totp/x?secret=JBSWY3DP", "EHPK3PXP&digits", "=", &digits.to_string(), "&period=",
                &period.to_string(), ""];
            prop_assert_eq!(code(&parts.join(&blanks), time), code(&parts.concat(), time));
        }

        #[test]
        fn any_value_gives_a_code_or_an_error(value in "(otpauth://totp/)?.{0,30}[?]?(secret=)?[A-Z2-7%+&=]{0,20}", time: u64) {
            let _ = code(&value, time);
        }
    }
}
