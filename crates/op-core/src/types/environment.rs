use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A variable of an Environment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentVariable {
    /// The name.
    pub name: String,
    /// The value.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = serde_json::json!({ "masked": true }))))]
    pub value: String,
    /// Whether apps hide the value until it is revealed.
    pub masked: bool,
}

impl Drop for EnvironmentVariable {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for EnvironmentVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentVariable").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The result of {method environments.getVariables}.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GetVariablesResponse {
    /// The variables, in the order of the Environment. A name may occur several times.
    pub variables: Vec<EnvironmentVariable>,
}

/// An Environment without its variables. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentOverview {
    /// The id: 26 characters.
    pub id: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
}

/// An Environment to create. Added by opwire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentCreateParams {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
}
