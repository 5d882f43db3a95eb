package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi/datamodel"
	"github.com/stretchr/testify/require"
)

var idLine = regexp.MustCompile(`(?m)^  "\$id": .*\n`)

// openAPI returns a validator of the operation's OpenAPI document, resting on
// the schema files beside it.
func openAPI(t *testing.T) validator.Validator {
	t.Helper()
	// The validator takes an $id for an address to fetch from. Without it
	// the files' references to one another are those to files, as in the
	// document.
	files, err := filepath.Glob("../../schema/*.json")
	require.NoError(t, err)
	require.Len(t, files, 5)
	dir, ids := t.TempDir(), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		ids += len(idLine.FindAll(text, -1))
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), idLine.ReplaceAll(text, nil), 0o600))
	}
	require.Equal(t, 4, ids)
	text, err := os.ReadFile(filepath.Join(dir, "openapi.json"))
	require.NoError(t, err)
	doc, err := libopenapi.NewDocumentWithConfiguration(text, &datamodel.DocumentConfiguration{
		BasePath:            dir,
		SpecFilePath:        "openapi.json",
		AllowFileReferences: true,
	})
	require.NoError(t, err)
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	require.Empty(t, errs)
	valid, problems := v.ValidateDocument()
	require.True(t, valid, "%v", problems)
	return v
}

// exchange sends a request to the service and returns both, each with a body
// that can be read again.
func exchange(t *testing.T, url, path, token, body string, headers ...string) (*http.Request, *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, url+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	resp.Body = io.NopCloser(bytes.NewReader(text))
	r.Body = io.NopCloser(strings.NewReader(body))
	return r, resp
}

func TestOpenAPI(t *testing.T) {
	v := openAPI(t)
	s := opened(t)(OpenSQLite(t.Context(), ""))
	sampleStore(t, s)
	url, _ := serve(t, s)
	for _, tt := range []struct {
		name, path, token, body string
		headers                 []string
		status                  int
		valid                   bool // as a request, by the document
	}{
		{"update", samplePath, writeToken, `{"city":"Oak Park","phone_home":null,"meta_public":{"score":null,"big":9007199254740993}}`, []string{"Idempotency-Key", sampleKey}, 200, true},
		{"replay", samplePath, writeToken, `{"city":"Oak Park","phone_home":null,"meta_public":{"score":null,"big":9007199254740993}}`, []string{"Idempotency-Key", sampleKey}, 200, true},
		{"as a merge patch", samplePath, writeToken, `{"timezone":"America/New_York","birthdate":"1991-01-31"}`, []string{"Content-Type", "application/merge-patch+json"}, 200, true},
		{"nothing", samplePath, writeToken, `{}`, nil, 200, true},
		{"syntax", samplePath, writeToken, `{"city":`, nil, 400, false},
		{"id", "/v2/partner/contacts/1", writeToken, `{}`, nil, 400, false},
		{"key", samplePath, writeToken, `{}`, []string{"Idempotency-Key", "1"}, 400, false},
		{"token", samplePath, "", `{}`, nil, 401, false},
		{"scope", samplePath, readToken, `{}`, nil, 401, true},
		{"not found", samplePath, otherToken, `{}`, nil, 404, true},
		{"stale", samplePath, writeToken, `{"city":"Cicero","updated_at":"2020-01-01T00:00:00Z"}`, nil, 409, true},
		{"key used before", samplePath, writeToken, `{"city":"Cicero"}`, []string{"Idempotency-Key", sampleKey}, 409, true},
		{"too large", samplePath, writeToken, `{"city":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, true},
		{"media type", samplePath, writeToken, `{}`, []string{"Content-Type", "text/plain"}, 415, false},
		{"faults", samplePath, writeToken, `{"type":"person","team_id":null,"name_first":42,"birthdate":"1990-02-30","timezone":"america/chicago","name_frist":"Ana","active_journey_ids":["x"]}`, nil, 422, false},
		{"timezone", samplePath, writeToken, `{"timezone":"UTC+5"}`, nil, 422, false},
		{"day", samplePath, writeToken, `{"birthdate":"1990-02-30"}`, nil, 422, false},
		{"immutable", samplePath, writeToken, `{"inserted_at":"2020-01-01T00:00:00Z"}`, nil, 422, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, resp := exchange(t, url, tt.path, tt.token, tt.body, tt.headers...)
			require.Equal(t, tt.status, resp.StatusCode)
			valid, problems := v.ValidateHttpRequest(r)
			require.Equal(t, tt.valid, valid, "request: %v", problems)
			valid, problems = v.ValidateHttpResponse(r, resp)
			require.True(t, valid, "response: %v", problems)
		})
	}

	t.Run("unavailable", func(t *testing.T) {
		require.NoError(t, s.Close())
		r, resp := exchange(t, url, samplePath, writeToken, `{}`)
		require.Equal(t, 503, resp.StatusCode)
		valid, problems := v.ValidateHttpResponse(r, resp)
		require.True(t, valid, "%v", problems)
	})
}

// The document is not so loose that it would let anything pass.
func TestOpenAPIRefuses(t *testing.T) {
	v := openAPI(t)
	s := opened(t)(OpenSQLite(t.Context(), ""))
	contact := string(sampleStore(t, s).AppendJSON(nil))
	url, _ := serve(t, s)
	for _, tt := range []struct {
		name   string
		status int
		body   string
	}{
		{"a contact without a required field", 200, strings.Replace(contact, `"sms_opted_in":true,`, "", 1)},
		{"a contact with a wrong timezone", 200, strings.Replace(contact, "America/Chicago", "America/Chikago", 1)},
		{"a contact with null", 200, strings.Replace(contact, `"city":"Chicago"`, `"city":null`, 1)},
		{"an unknown code", 422, `{"errors":[{"code":"x","title":"T","detail":"D","source":{"pointer":""},"meta":{"rule":"type"}}]}`},
		{"no errors", 422, `{"errors":[]}`},
		{"an error of another status", 404, `{"errors":[{"code":"validation_failed","title":"T","detail":"D","source":{"pointer":""},"meta":{"rule":"type"}}]}`},
		{"an unknown status", 418, `{"errors":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, resp := exchange(t, url, samplePath, writeToken, `{}`)
			require.NotEqual(t, contact, tt.body)
			resp.StatusCode = tt.status
			resp.Body = io.NopCloser(strings.NewReader(tt.body))
			valid, _ := v.ValidateHttpResponse(r, resp)
			require.False(t, valid)
		})
	}
}
