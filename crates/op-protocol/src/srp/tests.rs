//! Sign-ins that must fail, and different spellings of numbers that must not matter.

use zeroize::Zeroizing;

use super::{Client, OlderServer, Params, Server, SrpError, group, hash, older_proofs, verifier};

const PARAMS: Params<'_> = Params { email: "wendy@example.com", secret_key_id: "ABCDEF", salt: b"sixteen bytes :)" };

fn x() -> Zeroizing<[u8; 32]> {
    Zeroizing::new([7; 32])
}

fn modulus() -> String {
    data_encoding::HEXUPPER.encode(&group::modulus())
}

#[test]
fn numbers_that_reveal_the_key_are_refused() {
    let server = Server::new(&verifier(&x()), [2; 32]).unwrap();
    for number in ["0", "00", &modulus(), &modulus().to_lowercase(), &"f".repeat(1024), ""] {
        assert_eq!(server.finish(number, &PARAMS).unwrap_err(), SrpError::OutOfRange, "A = {number}");
        assert_eq!(Client::new(&x(), [1; 32]).finish(number, &PARAMS).unwrap_err(), SrpError::OutOfRange);
        assert_eq!(Server::new(number, [2; 32]).unwrap_err(), SrpError::OutOfRange);
    }
    for number in ["xyz", "-1", "0x12", "é", &"1".repeat(1025), &format!("00{}", "1".repeat(1023))] {
        assert_eq!(server.finish(number, &PARAMS).unwrap_err(), SrpError::Malformed, "A = {number}");
        assert_eq!(Client::new(&x(), [1; 32]).finish(number, &PARAMS).unwrap_err(), SrpError::Malformed);
    }
}

#[test]
fn spelling_of_public_numbers_does_not_matter() {
    let server = Server::new(&verifier(&x()).to_uppercase(), [2; 32]).unwrap();
    let padded = server.public_key_hex();
    let shortest = padded.trim_start_matches('0');
    for number in [padded.as_str(), shortest, &padded.to_uppercase()] {
        let client = Client::new(&x(), [1; 32]);
        let of_server = server.finish(&format!("{:0>1024}", client.public_key_hex().to_uppercase()), &PARAMS).unwrap();
        let of_client = client.finish(number, &PARAMS).unwrap();
        assert_eq!(of_client.verify_server(&of_server.m2), Ok(()));
        assert_eq!(of_server.verify_client(&of_client.m1), Ok(()));
    }
}

#[test]
fn a_server_is_the_same_after_a_restart() {
    let verifier = verifier(&x());
    let client = Client::new(&x(), [1; 32]);
    let public_a = client.public_key_hex();
    let proof = client.finish(&Server::new(&verifier, [2; 32]).unwrap().public_key_hex(), &PARAMS).unwrap();
    let of_server = Server::new(&verifier, [2; 32]).unwrap().finish(&public_a, &PARAMS).unwrap();
    assert_eq!(of_server.verify_client(&proof.m1), Ok(()));
}

#[test]
fn wrong_secrets_and_parameters_are_refused() {
    let other_salt = Params { salt: b"other", ..PARAMS };
    let other_email = Params { email: "carol@example.com", ..PARAMS };
    let other_key = Params { secret_key_id: "ABCDEG", ..PARAMS };
    for (client_x, client_params) in
        [([8; 32], PARAMS), ([7; 32], other_salt), ([7; 32], other_email), ([7; 32], other_key)]
    {
        let server = Server::new(&verifier(&x()), [2; 32]).unwrap();
        let client = Client::new(&Zeroizing::new(client_x), [1; 32]);
        let of_server = server.finish(&client.public_key_hex(), &PARAMS).unwrap();
        let of_client = client.finish(&server.public_key_hex(), &client_params).unwrap();
        assert_eq!(of_server.verify_client(&of_client.m1), Err(SrpError::Proof));
        assert_eq!(of_client.verify_server(&of_server.m2), Err(SrpError::Proof));
    }
}

#[test]
fn proofs_of_another_length_are_refused() {
    let server = Server::new(&verifier(&x()), [2; 32]).unwrap();
    let client = Client::new(&x(), [1; 32]);
    let of_server = server.finish(&client.public_key_hex(), &PARAMS).unwrap();
    let of_client = client.finish(&server.public_key_hex(), &PARAMS).unwrap();
    let longer = [of_server.m2.as_slice(), &[0]].concat();
    for m2 in [&[], &of_server.m2[..31], &longer, &of_client.m1] {
        assert_eq!(of_client.verify_server(m2), Err(SrpError::Proof));
    }
}

#[test]
fn letter_case_of_the_email_does_not_matter() {
    let server = Server::new(&verifier(&x()), [2; 32]).unwrap();
    let client = Client::new(&x(), [1; 32]);
    let of_server = server.finish(&client.public_key_hex(), &PARAMS).unwrap();
    let of_client = client.finish(&server.public_key_hex(), &Params { email: "Wendy@Example.com", ..PARAMS }).unwrap();
    assert_eq!(of_server.verify_client(&of_client.m1), Ok(()));
}

// Computed by other software, which the public JavaScript client 0.1.7 accepts as an account server.
#[test]
fn older_clients_agree_on_the_same_key() {
    let session = "TMSYJ6DV4TWOQN5CJVFYY34LGI";
    let server = OlderServer::new(&verifier(&x()), [2; 32], session).unwrap();
    let hex = |bytes: &[u8; 32]| data_encoding::HEXLOWER.encode(bytes);
    let public_b = hash(&[server.public_key_hex().as_bytes()]);
    assert_eq!(hex(&public_b), "4a540a386e6d2ead660ed9147e4d5a9c881c523bf1d463e5e20661088eb9dc66");
    let key = server.finish(&Client::new(&x(), [1; 32]).public_key_hex()).unwrap();
    assert_eq!(hex(&key), "6e6376f1ca899071ad5cf2a4ca00e387791a72ae78dca3fddbd971910b854d55");
    let (m1, m2) = older_proofs("ABCDEF", session);
    assert_eq!(m1, "rvEq0KPnQ9_qZiWW4zoj2x0XFtqb0uIHcbAyKKBJP3c");
    assert_eq!(m2, "NmjF2xd3RA0sf4Lj21IgQ0O3MxpdQ1qAoIvcjv_CklE");
}

#[test]
fn an_older_sign_in_has_the_checks_of_the_current_one() {
    let server = OlderServer::new(&verifier(&x()), [2; 32], "SESSION").unwrap();
    for number in ["0", &modulus(), ""] {
        assert_eq!(server.finish(number).unwrap_err(), SrpError::OutOfRange, "A = {number}");
    }
    assert_eq!(server.finish("xyz").unwrap_err(), SrpError::Malformed);
    assert!(OlderServer::new(&verifier(&x()), [2; 32], &"A".repeat(513)).is_err());
}
