package contacthttp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// TestVersionOfStored: the version is read as the library reads it, whatever else a document holds.
func TestVersionOfStored(t *testing.T) {
	sample := string(contacttest.Sample())
	sampled, err := contact.ParseStored([]byte(sample))
	require.NoError(t, err)
	want := contact.ETag(sampled.UpdatedAt)
	version := sampled.UpdatedAt.Format("2006-01-02T15:04:05.999999999Z07:00")
	require.Contains(t, sample, version)
	for _, document := range []string{
		sample,
		strings.Replace(sample, version, strings.ToLower(version), 1),
		strings.Replace(sample, "{", `{"UPDATED_AT":"2000-01-01T00:00:00Z",`, 1),
		strings.TrimSuffix(strings.TrimSpace(sample), "}") + `,"Updated_At":"2000-01-01T00:00:00Z"}`,
		strings.Replace(sample, `"updated_at"`, `"updated\u005fat"`, 1),
	} {
		h := &contacthttp.Handler{Store: &one{[]byte(document)}, Authenticate: authenticate}
		w := send(t, h, strings.NewReader(`{}`))
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, want, w.Header().Get("ETag"), document)
		require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Bergen"}`), "If-Match", want).Code)
	}
	for _, document := range []string{
		"", "null", "[]", `{"updated_at":1}`, `{"updated_at":"2026-13-01T00:00:00Z"}`, `{"updated_at":"secret"}`, `{`,
	} {
		h := &contacthttp.Handler{Store: &one{[]byte(document)}, Authenticate: authenticate}
		w := send(t, h, strings.NewReader(`{"city":"Bergen"}`))
		require.Equal(t, 500, w.Code, "%s: %s", document, w.Body)
		require.NotContains(t, w.Body.String(), "secret")
	}
}

// TestNoContext: who has no context of their own for the store gives none.
func TestNoContext(t *testing.T) {
	h := &contacthttp.Handler{Store: &one{contacttest.Sample()}, Authenticate: func(*http.Request) (context.Context, []string, error) {
		return nil, []string{contact.ScopeUpdate}, nil
	}}
	require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Bergen"}`)).Code)
}
