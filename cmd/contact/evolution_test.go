package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocumentsOfOtherVersions: what an earlier version stored and today's rules refuse blocks no
// other field and can be repaired, what a later version stored stays, and a store that keeps its
// versions in milliseconds gets another one each time.
func TestDocumentsOfOtherVersions(t *testing.T) {
	document := strings.Replace(read(theContact), `"birthdate": "1990-02-28"`, `"birthdate": "", "loyalty": [1.0]`, 1)
	require.Contains(t, document, "loyalty")
	stored := write(t, "stored.json", []string{strings.ReplaceAll(document, "\n", " ")})

	status, stdout, stderr := call("", "validate", "--stored", stored)
	assert.Equal(t, exitInvalid, status)
	assert.Contains(t, stdout+stderr, "/birthdate")
	status, stdout, stderr = call("", "validate", "--stored", "--ndjson", stored)
	assert.Equal(t, exitInvalid, status, stderr)
	assert.Contains(t, stdout, `"/birthdate"`)

	for patch, want := range map[string]string{
		`{"city":"Rome"}`: `"birthdate":""`, `{"birthdate":"2000-02-29"}`: `"birthdate":"2000-02-29"`,
	} {
		status, stdout, stderr = call(patch, "merge", "--resolution", "1s", "--now", "2026-05-17T08:02:45.9Z", stored, "-")
		require.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, want)
		assert.Contains(t, stdout, "loyalty")
		assert.Contains(t, stdout, `"updated_at":"2026-05-17T08:02:47Z"`, "a step after the stored version, which is cut to 08:02:45")
	}

	status, _, stderr = call(`{"city":""}`, "merge", "--resolution", "7ms", stored, "-")
	assert.Equal(t, exitTrouble, status)
	assert.Contains(t, stderr, "--resolution has to divide a second")
	status, _, stderr = call(`{"city":"`+strings.Repeat("x", 2000)+`"}`, "merge", "--max-document", "2000", stored, "-")
	assert.Equal(t, exitInvalid, status)
	assert.Contains(t, stderr, "too large")
}
