package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// impatient shortens the server's limits.
func impatient(s *Service, server *http.Server) {
	s.bodies = newBudget()
	s.bodies.time = 2 * time.Second
	server.ReadHeaderTimeout = 500 * time.Millisecond
	server.ReadTimeout = 2 * time.Second
	server.IdleTimeout = 500 * time.Millisecond
}

// hostile runs the service and returns a way to send it bytes over a
// connection of their own. send writes the parts with a pause before each but
// the first, and returns the last answer that comes back, or nil if the
// connection is closed without any.
func hostile(t *testing.T, adjust ...func(*Service, *http.Server)) (url string, send func(pause time.Duration, parts ...string) (*http.Response, string)) {
	t.Helper()
	s := opened(t, "", "")
	sampleStore(t, s)
	url, _ = serve(t, s, adjust...)
	return url, func(pause time.Duration, parts ...string) (*http.Response, string) {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		go func() {
			for i, part := range parts {
				if i > 0 {
					time.Sleep(pause)
				}
				if _, err := io.WriteString(conn, part); err != nil {
					return // the server has answered and closed
				}
			}
		}()
		var last *http.Response
		var text string
		for r := bufio.NewReader(conn); ; {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				return last, text
			}
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			if resp.StatusCode != http.StatusContinue {
				last, text = resp, string(body)
			}
		}
	}
}

const patchHead = "PATCH " + samplePath + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + writeToken + "\r\nContent-Type: application/json\r\n"

// plain stands for the code of what net/http refuses by itself, before any handler.
const plain = ""

func TestHostileWire(t *testing.T) {
	_, patient := hostile(t, func(_ *Service, server *http.Server) { server.IdleTimeout = 500 * time.Millisecond })
	_, impatient := hostile(t, impatient)
	for _, tt := range []struct {
		name   string
		parts  []string
		status int
		code   string
	}{
		{"TLS to a plain port", []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03SECRET\r\n\r\n"}, 400, plain},
		{"no request line", []string{"SECRET\r\n\r\n"}, 400, plain},
		{"no such version", []string{"GET / HTTP/9.0\r\nHost: x\r\n\r\n"}, 505, plain},
		{"no host", []string{"GET / HTTP/1.1\r\n\r\n"}, 400, plain},
		{"bad host", []string{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"}, 400, plain},
		{"bad escape in the path", []string{"GET /%SECRET HTTP/1.1\r\nHost: x\r\n\r\n"}, 400, plain},
		{"header without a colon", []string{"GET / HTTP/1.1\r\nHost: x\r\nSECRET\r\n\r\n"}, 400, plain},
		{"NUL in a header", []string{"GET / HTTP/1.1\r\nHost: x\r\nA: \x00SECRET\r\n\r\n"}, 400, plain},
		{"huge header", []string{"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("SECRET", 20000) + "\r\n\r\n"}, 431, plain},
		{"two lengths", []string{patchHead + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"}, 400, plain},
		{"length that is none", []string{patchHead + "Content-Length: -1\r\n\r\n{}"}, 400, plain},
		{"unknown transfer encoding", []string{patchHead + "Transfer-Encoding: SECRET\r\n\r\n{}"}, 501, plain},
		{"unknown expectation", []string{patchHead + "Expect: SECRET\r\nContent-Length: 2\r\n\r\n{}"}, 417, plain},
		{"chunks that are none", []string{patchHead + "Transfer-Encoding: chunked\r\n\r\nSECRET\r\n"}, 400, "malformed_request"},
		{"asterisk", []string{"GET * HTTP/1.1\r\nHost: x\r\n\r\n"}, 404, "not_found"},
		{"options of the server", []string{"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"}, 404, "not_found"},
		{"proxy request", []string{"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n"}, 404, "not_found"},
		{"two slashes", []string{"GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n"}, 404, "not_found"},
		{"way up", []string{"GET /a/../healthz HTTP/1.1\r\nHost: x\r\n\r\n"}, 404, "not_found"},
		{"two tokens", []string{patchHead + "Authorization: Bearer " + writeToken + "\r\nContent-Length: 2\r\n\r\n{}"}, 401, "unauthorized"},
		{"slow body", []string{patchHead + "Content-Length: 4\r\n\r\n", "{", "}", " ", " "}, 408, "request_timeout"},
		{"slow body after 100 Continue", []string{patchHead + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", "{"}, 408, "request_timeout"},
		{"body that never comes", []string{patchHead + "Content-Length: 1000\r\n\r\n"}, 408, "request_timeout"},
		{"huge body that never comes", []string{patchHead + "Content-Length: 1000000000000\r\n\r\n"}, 413, "body_too_large"},
		{"huge body that is announced", []string{patchHead + "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"}, 413, "body_too_large"},
		{"huge body", []string{patchHead + "Content-Length: 100000000\r\n\r\n" + strings.Repeat("[", 4<<20)}, 413, "body_too_large"},
		{"huge body in chunks", []string{patchHead + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("[", 1<<16)+"\r\n", 64)}, 413, "body_too_large"},
		{"good, then bad", []string{"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nSECRET\r\n\r\n"}, 400, plain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			send := patient
			if tt.status == http.StatusRequestTimeout {
				send = impatient
			}
			resp, body := send(900*time.Millisecond, tt.parts...)
			require.NotNil(t, resp, "closed without an answer")
			require.Equal(t, tt.status, resp.StatusCode, body)
			require.NotContains(t, body, "SECRET")
			if tt.code == plain {
				require.Contains(t, []string{"text/plain; charset=utf-8", ""}, resp.Header.Get("Content-Type"))
				return
			}
			require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
			code, _, _ := oneError(t, body)
			require.Equal(t, tt.code, code)
		})
	}

	resp, _ := impatient(900*time.Millisecond, "GET / HTTP/1.1\r\n", "Host: x\r\n", "A: b\r\n", "\r\n")
	require.Nil(t, resp, "headers that are too slow are not answered")
}

func TestIdleConnectionIsClosedInSilence(t *testing.T) {
	_, send := hostile(t, impatient)
	resp, _ := send(0, "")
	require.Nil(t, resp)
	resp, body := send(0, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	require.Equal(t, 200, resp.StatusCode, "the last answer is the request's own: %s", body)
	patch := `{"city":"Oak Park"}`
	resp, body = send(100*time.Millisecond, patchHead+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(patch)), patch[:5], patch[5:])
	require.Equal(t, 200, resp.StatusCode, body)
}

// While many connections hold back their requests, others are served.
func TestSlowClientsHoldUpNobody(t *testing.T) {
	url, _ := hostile(t)
	for range 200 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, patchHead+"Content-Length: 1000\r\n\r\n{")
		require.NoError(t, err)
	}
	start := time.Now()
	resp, _ := request(t, "PATCH", url+samplePath, writeToken, `{"city":"Oak Park"}`)
	require.Equal(t, 200, resp.StatusCode)
	require.Less(t, time.Since(start), 5*time.Second, "the others have 15")
}

// TestStalledBodies: 600 connections that stop before the last byte of 1 MiB leave the service in 128 MiB,
// and another team served.
func TestStalledBodies(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "100MiB")
	p := startProcess(t, "", "--addr", "127.0.0.1:0")
	body := []byte(strings.Repeat(" ", 1<<20-1))
	var wg sync.WaitGroup
	for range 600 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		wg.Go(func() {
			_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
			if _, err := io.WriteString(conn, patchHead+"Content-Length: 1048576\r\n\r\n"); err == nil {
				_, _ = conn.Write(body) // fails where the service has answered
			}
		})
	}
	wg.Wait()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, peak, ok := strings.Cut(string(status), "VmHWM:")
	require.True(t, ok)
	var kilobytes int
	_, err = fmt.Sscan(peak, &kilobytes)
	require.NoError(t, err)
	t.Logf("at most %d MiB", kilobytes>>10)
	require.Less(t, kilobytes, 128<<10)
	resp, text := request(t, "PATCH", p.url+theirs, otherToken, `{"city":"Gary"}`)
	require.Equal(t, 200, resp.StatusCode, text)
}
