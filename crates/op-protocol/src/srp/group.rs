//! Arithmetic in the SRP group, in constant time for secret exponents.

use crypto_bigint::{
    CtAssign, CtEq, NonZero, U256, U512, U576, U4096, const_monty_params,
    modular::{ConstMontyForm, ConstMontyParams},
};
use zeroize::Zeroizing;

use super::SrpError;

const_monty_params!(
    Group,
    U4096,
    // The 4096-bit MODP group, RFC 3526 section 5.
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
     ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
     ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
     83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
     e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
     15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
     abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
     bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a92108011a723c12a787e6d7\
     88719a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef92e8efc141fbecaa6\
     287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127d5b05aa9\
     93b4ea988d8fddc186ffb7dc90a6c08f4df435c934063199ffffffffffffffff",
    "The modulus N of the group."
);

/// A number modulo N.
pub(super) type Element = ConstMontyForm<Group, { U4096::LIMBS }>;

pub(super) const GENERATOR: u8 = 5;
const MODULUS: U4096 = *Group::PARAMS.modulus().as_ref();
const BYTES: usize = 512;
const HEX_DIGITS: usize = 2 * BYTES;

/// The number of rows into which [`power_of_generator`] divides the bits of an exponent.
const TEETH: usize = 4;
const ROW_BITS: u32 = 64;

/// `COMB[i]` is the product of `g^(2^(64 t))` over all bits t of i.
///
/// With it, a power of g takes 64 squarings and 64 multiplications instead of 256 squarings and 78 multiplications.
/// docs/decisions/0018 says why.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse an index out of bounds")]
static COMB: [Element; 1 << TEETH] = {
    let mut comb = [Element::ONE; 1 << TEETH];
    let mut power = Element::new(&U4096::from_u8(GENERATOR));
    let mut tooth = 0;
    while tooth < TEETH {
        let bit = 1 << tooth;
        let mut lower = 0;
        while lower < bit {
            comb[bit | lower] = comb[lower].mul(&power);
            lower += 1;
        }
        power = power.square_repeat_vartime(ROW_BITS);
        tooth += 1;
    }
    comb
};

/// Computes `g^exponent`, for a big-endian exponent, in constant time.
pub(super) fn power_of_generator(exponent: &[u8; 32]) -> Element {
    let (rows, _) = exponent.as_chunks::<8>();
    let mut result = Element::ONE;
    for bit in (0..ROW_BITS).rev() {
        let column = rows.iter().fold(0, |column, row| (column << 1) | ((u64::from_be_bytes(*row) >> bit) & 1));
        result = result.square().mul(&comb_entry(column));
    }
    result
}

/// Returns `COMB[wanted]`. Reads every entry, so that the time is constant.
fn comb_entry(wanted: u64) -> Element {
    let mut found = Element::ONE;
    for (index, entry) in (0_u64..).zip(&COMB) {
        found.ct_assign(entry, index.ct_eq(&wanted));
    }
    found
}

/// Computes `base^exponent`, for a big-endian exponent, in constant time.
pub(super) fn power(base: &Element, exponent: &[u8; 32]) -> Element {
    base.pow_bounded_exp(&*Zeroizing::new(U256::from_be_slice(exponent)), U256::BITS)
}

/// Computes `base^(a + u x)`, for big-endian numbers, in constant time.
pub(super) fn power_of_sum(base: &Element, a: &[u8; 32], u: &[u8; 32], x: &[u8; 32]) -> Element {
    let product: Zeroizing<U512> = Zeroizing::new(U256::from_be_slice(u).concatenating_mul(&U256::from_be_slice(x)));
    let a = Zeroizing::new(U256::from_be_slice(a).resize());
    let exponent: Zeroizing<U576> = Zeroizing::new(product.resize().wrapping_add(&a));
    base.pow_bounded_exp(&*exponent, U512::BITS + 1)
}

/// Parses hex digits, case-insensitive, with or without leading zeros, as a number from 1 to N - 1.
pub(super) fn parse(hex: &str) -> Result<U4096, SrpError> {
    let mut digits = [b'0'; HEX_DIGITS];
    let start = HEX_DIGITS.checked_sub(hex.len()).ok_or(SrpError::Malformed)?;
    digits.get_mut(start..).ok_or(SrpError::Malformed)?.copy_from_slice(hex.as_bytes());
    let mut bytes = [0; BYTES];
    base16ct::mixed::decode(digits, &mut bytes).map_err(|_| SrpError::Malformed)?;
    let number = U4096::from_be_slice(&bytes);
    if number >= MODULUS || Option::<NonZero<_>>::from(NonZero::new(number)).is_none() {
        return Err(SrpError::OutOfRange);
    }
    Ok(number)
}

/// Reads big-endian bytes as a number.
pub(super) fn from_bytes(number: &[u8]) -> Result<Element, SrpError> {
    let mut bytes = [0; BYTES];
    let start = BYTES.checked_sub(number.len()).ok_or(SrpError::Malformed)?;
    bytes.get_mut(start..).ok_or(SrpError::Malformed)?.copy_from_slice(number);
    Ok(Element::new(&U4096::from_be_slice(&bytes)))
}

/// Returns all 1024 hex digits, in lower case.
pub(super) fn padded_hex(number: &U4096) -> String {
    base16ct::lower::encode_string(&padded(number))
}

/// Returns the hex digits without leading zeros, in lower case. Their number may be odd.
pub(super) fn shortest_hex(number: &U4096) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(padded_hex(number));
    let zeros = digits.bytes().take_while(|digit| *digit == b'0').count();
    digits.drain(..zeros);
    digits
}

/// Returns all 512 bytes, big-endian.
pub(super) fn padded(number: &U4096) -> [u8; BYTES] {
    number.to_be_bytes().into()
}

/// Returns the bytes without leading zeros, big-endian.
pub(super) fn shortest(number: &U4096) -> Vec<u8> {
    padded(number).into_iter().skip_while(|byte| *byte == 0).collect()
}

/// Returns the modulus N, big-endian.
pub(super) fn modulus() -> [u8; BYTES] {
    padded(&MODULUS)
}
