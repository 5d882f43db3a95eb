package contracttest

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// TestSameOnEveryPlatform: .ci/run platforms runs it for WASI too, where these once differed.
func TestSameOnEveryPlatform(t *testing.T) {
	body, err := os.ReadFile("testdata/contact.json")
	require.NoError(t, err)
	c, first := mustParse(t, body), "Ann Person"
	c.NameFirst = &first
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) },
		"json": func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := slog.New(handler(&out))
			log.Info("updated", "contact", *c)
			require.Contains(t, out.String(), c.ID.String())
			err := contact.CheckPatch([]byte(`{"Ann Person":1}`))
			log.Info("refused", "errors", err)
			require.Contains(t, out.String(), "unknown /…")
			require.NotContains(t, out.String(), "Ann Person")
		})
	}
	t.Run("errors.As", func(t *testing.T) {
		single := contact.Error{}
		require.True(t, errors.As(contact.CheckPatch([]byte(`{"city":1}`)), &single))
		require.Equal(t, contact.RuleType, single.Rule)
	})
	t.Run("ID.UnmarshalText", func(t *testing.T) {
		for _, text := range []string{"{7c2e1a54-9d3b-4f60-8a11-2b3c4d5e6f70}", "7c2e1a54-9d3b-1f60-8a11-2b3c4d5e6f70"} {
			var id contact.ID
			require.NoError(t, id.UnmarshalText([]byte(text)), text)
		}
	})
}
