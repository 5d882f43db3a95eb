package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestForm runs e2e/form.mjs in Chromium against the service as it is started
// by hand, then looks at what is in the database. SCREENSHOTS names a folder
// that keeps the pictures.
func TestForm(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "node is not installed; install it with: apt-get install -y nodejs npm")
	require.FileExists(t, "/usr/bin/chromium", "install it with: apt-get install -y chromium")
	require.DirExists(t, "e2e/node_modules/playwright-core", "install it with: npm ci --prefix e2e")
	shots := os.Getenv("SCREENSHOTS")
	if shots == "" {
		shots = t.TempDir()
	}

	file := filepath.Join(t.TempDir(), "contacts.db")
	_, err = command(t, file, "", "migrate")
	require.NoError(t, err)
	p := startProcess(t, "", "--addr", "127.0.0.1:0", "--db", file, "--sample")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, "e2e/form.mjs", p.url, sampleID, writeToken, shots).CombinedOutput()
	require.NoError(t, err, "%s", out)
	p.kill()

	s := opened(t, file, "")
	contacts, _ := sampleData()
	got := stored(t, s, contacts[0])
	require.Equal(t, "America/Denver", *got.Timezone)
	require.Equal(t, "+1 303 555 0100", *got.PhoneMobile)
	require.Equal(t, "Arvada", *got.City)
	require.Equal(t, "Okafor-Reyes", *got.NameLast)
	require.JSONEq(t, `{"source":"spring-2026","score":12.50,"ledger":9007199254740993,"prefs":{"language":"es","channels":["sms","email"]},"visits":1}`, string(got.MetaPublic))
	require.Contains(t, string(got.MetaPublic), "9007199254740993", "digit for digit")
}

// The page's files are in the program, and a browser may run nothing else.
func TestFormFiles(t *testing.T) {
	s := opened(t, "", "")
	url, _ := serve(t, s)
	get := func(path, accept, known string) (*http.Response, []byte) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url+path, nil)
		require.NoError(t, err)
		req.Header.Set("Accept-Encoding", accept) // so net/http unpacks nothing
		req.Header.Set("If-None-Match", known)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, body
	}
	for path, want := range map[string]struct{ mediaType, start string }{
		"/":             {"text/html; charset=utf-8", "<!doctype html>"},
		"/editor.css":   {"text/css; charset=utf-8", ":root"},
		"/editor.js":    {"text/javascript; charset=utf-8", "// "},
		"/icon.svg":     {"image/svg+xml", "<svg"},
		"/contact.wasm": {"application/wasm", "\x00asm"},
	} {
		for accept, packed := range map[string]bool{
			"gzip": true, "br, GZIP;q=0.5": true, "identity": false, "gzip;q=0": false, "gzip;q=x": false,
		} {
			resp, body := get(path, accept, "")
			require.Equal(t, 200, resp.StatusCode, path)
			require.Equal(t, want.mediaType, resp.Header.Get("Content-Type"))
			require.Equal(t, pagePolicy, resp.Header.Get("Content-Security-Policy"))
			require.Equal(t, packed, resp.Header.Get("Content-Encoding") == "gzip", "%s %q", path, accept)
			require.Equal(t, strconv.Itoa(len(body)), resp.Header.Get("Content-Length"))
			if packed {
				plain, err := gzip.NewReader(bytes.NewReader(body))
				require.NoError(t, err)
				body, err = io.ReadAll(plain)
				require.NoError(t, err)
			}
			require.True(t, strings.HasPrefix(string(body), want.start), path)

			tag := resp.Header.Get("ETag")
			for _, known := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} { // RFC 9110 §13.1.2
				resp, body = get(path, accept, known)
				require.Equal(t, 304, resp.StatusCode)
				require.Empty(t, body)
			}
		}
	}
}
