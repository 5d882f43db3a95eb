package main

import (
	"net/http"
	"testing"

	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

// TestConditions: what a client asks for by its header fields is done or refused, never ignored.
func TestConditions(t *testing.T) {
	s := opened(t, "", "")
	c := sampleStore(t, s)
	url, _ := serve(t, s)
	tag := contact.ETag(c.UpdatedAt)
	before := string(c.AppendJSON(nil))

	resp, body := request(t, "GET", url+samplePath, readToken, "")
	require.Equal(t, tag, resp.Header.Get("ETag"))
	require.Equal(t, before, body)
	for _, known := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		resp, _ = raw(t, "GET", url+samplePath, readToken, "", "If-None-Match", known)
		require.Equal(t, http.StatusNotModified, resp.StatusCode)
		require.Equal(t, tag, resp.Header.Get("ETag"))
	}
	resp, _ = request(t, "GET", url+samplePath, readToken, "", "If-None-Match", `"x"`)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	resp, body = request(t, "GET", url+samplePath, readToken, "", "If-Match", `"x"`)
	require.Equal(t, http.StatusPreconditionFailed, resp.StatusCode)
	oneError(t, body)

	const patch = `{"city":"Oak Park"}`
	for _, headers := range [][]string{
		{"If-Match", `"x"`}, {"If-Match", "W/" + tag}, {"If-Match", "broken"},
		{"If-None-Match", tag}, {"If-None-Match", "*"},
		{"If-Unmodified-Since", c.UpdatedAt.Format(http.TimeFormat)},
	} {
		resp, body = request(t, "PATCH", url+samplePath, writeToken, patch, headers...)
		require.Equal(t, http.StatusPreconditionFailed, resp.StatusCode, "%v", headers)
		code, rule, source := oneError(t, body)
		require.Equal(t, []string{"precondition_failed", "precondition", headers[0]}, []string{code, rule, source})
	}
	require.Equal(t, before, string(stored(t, s, c).AppendJSON(nil)), "nothing was written")

	// A fault of the patch goes before the condition.
	resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{"city":1}`, "If-Match", `"x"`)
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)

	resp, _ = request(t, "PATCH", url+samplePath, writeToken, patch, "If-Match", `"x", `+tag, "Idempotency-Key", sampleKey)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, contact.ETag(clock), resp.Header.Get("ETag"))
	// Who did not hear that asks again, and the condition that was met once is no matter.
	resp, _ = request(t, "PATCH", url+samplePath, writeToken, patch, "If-Match", `"x", `+tag, "Idempotency-Key", sampleKey)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, contact.ETag(clock), resp.Header.Get("ETag"))
	// Two lines are one list.
	req, err := http.NewRequest("PATCH", url+samplePath, nil)
	require.NoError(t, err)
	req.Header = http.Header{
		"Authorization": {"Bearer " + writeToken}, "Content-Type": {"application/json"},
		"If-Match": {contact.ETag(clock), `"x"`}, "If-None-Match": {`"x"`, contact.ETag(clock)},
	}
	resp, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode, "the body is empty")
}

// TestNegotiation: codings and methods.
func TestNegotiation(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	url, _ := serve(t, s)
	for _, coding := range []string{"gzip", "br", "identity, gzip"} {
		resp, body := request(t, "PATCH", url+samplePath, writeToken, "\x1f\x8b", "Content-Encoding", coding)
		require.Equal(t, http.StatusUnsupportedMediaType, resp.StatusCode)
		require.Equal(t, "identity", resp.Header.Get("Accept-Encoding"))
		_, rule, source := oneError(t, body)
		require.Equal(t, []string{"media_type", "Content-Encoding"}, []string{rule, source})
	}
	resp, _ := request(t, "PATCH", url+samplePath, writeToken, "{}", "Content-Encoding", "identity")
	require.Equal(t, http.StatusOK, resp.StatusCode)

	for path, want := range map[string][2]string{
		samplePath: {"GET, HEAD, OPTIONS, PATCH", "application/json, application/merge-patch+json"},
		"/healthz": {"GET, HEAD, OPTIONS", ""},
	} {
		resp, _ := raw(t, "OPTIONS", url+path, "", "")
		require.Equal(t, http.StatusNoContent, resp.StatusCode)
		require.Equal(t, want, [2]string{resp.Header.Get("Allow"), resp.Header.Get("Accept-Patch")})
		resp, _ = request(t, "POST", url+path, "", "")
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		require.Equal(t, want[0], resp.Header.Get("Allow"))
	}
}
