use std::mem;

use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    methods::OfflineMethod,
    password,
    types::{GeneratePasswordResponse, PasswordRecipe},
};

/// Generate a password from the system's secure randomness.
///
/// # Errors
/// - {error InvalidConfiguration} if the recipe asks for a length or a number of words that is not allowed.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GeneratePassword {
    /// The kind of password.
    pub recipe: PasswordRecipe,
}

impl OfflineMethod for GeneratePassword {
    const SDK_NAME: &'static str = "secrets.generatePassword";
    type Output = GeneratePasswordResponse;

    fn run(self, host: &dyn Host) -> Result<Self::Output> {
        let mut password = password::generate(&self.recipe, &mut |buffer| host.fill_random(buffer))?;
        Ok(GeneratePasswordResponse { password: mem::take(&mut *password) })
    }
}
