use std::mem;

use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    methods::OfflineMethod,
    password,
    types::{GeneratePasswordResponse, PasswordRecipe},
};

/// Generate a password from the host's secure randomness.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GeneratePassword {
    /// What kind of password to generate.
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
