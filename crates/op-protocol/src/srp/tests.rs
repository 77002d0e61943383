//! Sign-ins that must fail, and the spellings of numbers that must not matter.

use zeroize::Zeroizing;

use super::{Client, Params, Server, SrpError, group, verifier};

const PARAMS: Params<'_> = Params { email: "wendy@example.com", secret_key_id: "ABCDEF", salt: b"sixteen bytes :)" };

fn x() -> Zeroizing<[u8; 32]> {
    Zeroizing::new([7; 32])
}

fn modulus() -> String {
    data_encoding::HEXUPPER.encode(&group::modulus())
}

#[test]
fn numbers_that_give_the_key_away_are_refused() {
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
fn whoever_knows_less_is_refused() {
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
