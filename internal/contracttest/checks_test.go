package contracttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// TestNamesInErrors is FuzzNoLeak's check of names for each field.
func TestNamesInErrors(t *testing.T) {
	for f := range contact.AllFields.All() {
		errs := namedErrors(f, []byte(`{"x":[]}`))
		require.Greater(t, len(errs), 3, f)
		for _, err := range errs {
			require.NotContains(t, err.Error(), marker)
			require.NotContains(t, err.Error(), "at byte", "this is about names")
		}
	}
}
