//! How long links are valid, as people write it.

use std::fmt;

use clap::{ValueEnum, builder::PossibleValue};
use op_core::types::ItemShareDuration;
use op_protocol::rest::share_expiry;

/// How long a link is valid. Sorted from short to long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[repr(u32)]
pub(super) enum Expiry {
    #[value(name = "1h")]
    OneHour = share_expiry::HOUR,
    #[value(name = "1d")]
    OneDay = share_expiry::DAY,
    #[value(name = "7d")]
    SevenDays = share_expiry::SEVEN_DAYS,
    #[value(name = "14d")]
    FourteenDays = share_expiry::FOURTEEN_DAYS,
    #[value(name = "30d")]
    ThirtyDays = share_expiry::THIRTY_DAYS,
}

impl Expiry {
    /// Returns the expiry in seconds, as policies have it.
    pub(super) fn seconds(self) -> u32 {
        self as u32
    }

    /// Returns how a policy's expiry is written here.
    pub(super) fn written(seconds: u32) -> String {
        let known = Self::value_variants().iter().find(|expiry| expiry.seconds() == seconds);
        known.map_or_else(|| format!("{seconds} seconds"), Self::to_string)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", PossibleValue::get_name))
    }
}

impl From<Expiry> for ItemShareDuration {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::OneHour => Self::OneHour,
            Expiry::OneDay => Self::OneDay,
            Expiry::SevenDays => Self::SevenDays,
            Expiry::FourteenDays => Self::FourteenDays,
            Expiry::ThirtyDays => Self::ThirtyDays,
        }
    }
}

impl From<ItemShareDuration> for Expiry {
    fn from(duration: ItemShareDuration) -> Self {
        match duration {
            ItemShareDuration::OneHour => Self::OneHour,
            ItemShareDuration::OneDay => Self::OneDay,
            ItemShareDuration::SevenDays => Self::SevenDays,
            ItemShareDuration::FourteenDays => Self::FourteenDays,
            ItemShareDuration::ThirtyDays => Self::ThirtyDays,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expiry_of_the_protocol_has_a_name() {
        let all: Vec<u32> = Expiry::value_variants().iter().map(|expiry| expiry.seconds()).collect();
        assert_eq!(all, share_expiry::ALL);
        for expiry in Expiry::value_variants() {
            assert_eq!(Expiry::from_str(&Expiry::written(expiry.seconds()), false).as_ref(), Ok(expiry));
            assert_eq!(Expiry::from(ItemShareDuration::from(*expiry)), *expiry);
        }
        assert_eq!(Expiry::written(60), "60 seconds");
    }
}
