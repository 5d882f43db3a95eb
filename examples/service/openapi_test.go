package main

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/partner-contacts/contact"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/stretchr/testify/require"
)

// openAPI returns a validator of the document that the service hands out.
func openAPI(t *testing.T, url string) validator.Validator {
	t.Helper()
	resp, text := request(t, "GET", url+"/openapi.json", "", "")
	require.Equal(t, 200, resp.StatusCode)
	doc, err := libopenapi.NewDocument([]byte(text))
	require.NoError(t, err)
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	require.Empty(t, errs)
	valid, problems := v.ValidateDocument()
	require.True(t, valid, "%v", problems)
	return v
}

// exchange sends a request to the service and returns both, each with a body
// that can be read again.
func exchange(t *testing.T, method, url, path, token, body string, headers ...string) (*http.Request, *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
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
	s := opened(t, "", "")
	c := sampleStore(t, s)
	url, _ := serve(t, s)
	v := openAPI(t, url)
	tag := contact.ETag(c.UpdatedAt)
	for _, tt := range []struct {
		name, path, token, body string
		headers                 []string
		status                  int
		valid                   bool   // as a request, by the document
		method                  string // PATCH unless set
	}{
		{"read", samplePath, readToken, "", nil, 200, true, "GET"},
		{"read what is known", samplePath, readToken, "", []string{"If-None-Match", tag}, 304, true, "GET"},
		{"read another version", samplePath, readToken, "", []string{"If-Match", `"x"`}, 412, true, "GET"},
		{"read without a token", samplePath, "", "", nil, 401, false, "GET"},
		{"read another team's", samplePath, otherToken, "", nil, 404, true, "GET"},
		{"update another version", samplePath, writeToken, "{}", []string{"If-Match", `"x"`}, 412, true, ""},
		{"coding", samplePath, writeToken, "{}", []string{"Content-Encoding", "br"}, 415, true, ""},
		{"update", samplePath, writeToken, `{"city":"Oak Park","phone_home":null,"meta_public":{"score":null,"big":9007199254740993}}`, []string{"Idempotency-Key", sampleKey}, 200, true, ""},
		{"replay", samplePath, writeToken, `{"city":"Oak Park","phone_home":null,"meta_public":{"score":null,"big":9007199254740993}}`, []string{"Idempotency-Key", sampleKey}, 200, true, ""},
		{"as a merge patch", samplePath, writeToken, `{"timezone":"America/New_York","birthdate":"1991-01-31"}`, []string{"Content-Type", "application/merge-patch+json"}, 200, true, ""},
		{"nothing", samplePath, writeToken, `{}`, nil, 200, true, ""},
		{"syntax", samplePath, writeToken, `{"city":`, nil, 400, false, ""},
		{"id", "/v2/partner/contacts/1", writeToken, `{}`, nil, 400, false, ""},
		{"key", samplePath, writeToken, `{}`, []string{"Idempotency-Key", "1"}, 400, false, ""},
		{"token", samplePath, "", `{}`, nil, 401, false, ""},
		{"scope", samplePath, readToken, `{}`, nil, 401, true, ""},
		{"not found", samplePath, otherToken, `{}`, nil, 404, true, ""},
		{"stale", samplePath, writeToken, `{"city":"Cicero","updated_at":"2020-01-01T00:00:00Z"}`, nil, 409, true, ""},
		{"key used before", samplePath, writeToken, `{"city":"Cicero"}`, []string{"Idempotency-Key", sampleKey}, 422, true, ""},
		{"too large", samplePath, writeToken, `{"city":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, true, ""},
		{"media type", samplePath, writeToken, `{}`, []string{"Content-Type", "text/plain"}, 415, false, ""},
		{"faults", samplePath, writeToken, `{"type":"person","team_id":null,"name_first":42,"birthdate":"1990-02-30","timezone":"america/chicago","name_frist":"Ana","active_journey_ids":["x"]}`, nil, 422, false, ""},
		{"timezone", samplePath, writeToken, `{"timezone":"UTC+5"}`, nil, 422, true, ""},
		{"day", samplePath, writeToken, `{"birthdate":"1990-02-30"}`, nil, 422, false, ""},
		{"immutable", samplePath, writeToken, `{"inserted_at":"2020-01-01T00:00:00Z"}`, nil, 422, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method := cmp.Or(tt.method, "PATCH")
			r, resp := exchange(t, method, url, tt.path, tt.token, tt.body, tt.headers...)
			require.Equal(t, tt.status, resp.StatusCode)
			valid, problems := v.ValidateHttpRequest(r)
			require.Equal(t, tt.valid, valid, "request: %v", problems)
			valid, problems = v.ValidateHttpResponse(r, resp)
			require.True(t, valid, "response: %v", problems)
		})
	}

	t.Run("unavailable", func(t *testing.T) {
		require.NoError(t, s.Close())
		r, resp := exchange(t, "PATCH", url, samplePath, writeToken, `{}`)
		require.Equal(t, 503, resp.StatusCode)
		valid, problems := v.ValidateHttpResponse(r, resp)
		require.True(t, valid, "%v", problems)
	})
}

// The document is not so loose that it would let anything pass.
func TestOpenAPIRefuses(t *testing.T) {
	s := opened(t, "", "")
	contact := string(sampleStore(t, s).AppendJSON(nil))
	url, _ := serve(t, s)
	v := openAPI(t, url)
	for _, tt := range []struct {
		name   string
		status int
		body   string
	}{
		{"a contact without a required field", 200, strings.Replace(contact, `"sms_opted_in":true,`, "", 1)},
		{"a contact with null", 200, strings.Replace(contact, `"city":"Chicago"`, `"city":null`, 1)},
		{"an unknown code", 422, `{"errors":[{"code":"x","title":"T","detail":"D","source":{"pointer":""},"meta":{"rule":"type"}}]}`},
		{"no errors", 422, `{"errors":[]}`},
		{"an unknown status", 418, `{"errors":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, resp := exchange(t, "PATCH", url, samplePath, writeToken, `{}`)
			require.NotEqual(t, contact, tt.body)
			resp.StatusCode = tt.status
			resp.Body = io.NopCloser(strings.NewReader(tt.body))
			valid, _ := v.ValidateHttpResponse(r, resp)
			require.False(t, valid)
		})
	}
}
