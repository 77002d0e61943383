use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::ResolveReferenceError;

/// The result of resolving the references of variables. Each variable has a value or an error.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ResolveEnvResponse {
    /// The values, by name.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub variables: BTreeMap<String, String>,
    /// The reasons why variables have no value, by name.
    pub errors: BTreeMap<String, ResolveReferenceError>,
    /// The secrets in the values, for {method secrets.mask}.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub secrets: Vec<String>,
}

impl fmt::Debug for ResolveEnvResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolveEnvResponse")
            .field("variables", &self.variables.keys())
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

impl Drop for ResolveEnvResponse {
    fn drop(&mut self) {
        self.variables.values_mut().for_each(Zeroize::zeroize);
        self.secrets.zeroize();
    }
}
