package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

const (
	sampleID   = sampleContact
	samplePath = "/v2/partner/contacts/" + sampleID
	writeToken = sampleToken
	readToken  = "sample-read.7Yt5Re1Wq3Ui9Op2As4Df6Gh8Jk0Lz"
	otherToken = "sample-other-team.2Mn4Bv6Cx8Zl1Kj3Hg5Fd7Sa9Po0Iu"
)

// logBuffer is what a service logged.
type logBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *logBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.String()
}

// serve runs the service on the store, on loopback, until the test ends, and
// holds every test to this: nothing about a person is in the log, no token and
// no stack trace of anything that a test did not break on purpose.
func serve(t *testing.T, s Database, adjust ...func(*Service, *http.Server)) (url string, log *logBuffer) {
	t.Helper()
	log = new(logBuffer)
	logger := slog.New(slog.NewJSONHandler(log, nil))
	service := &Service{Store: s, Now: func() time.Time { return clock }, Log: logger}
	server := newServer(nil, logger)
	for _, f := range adjust {
		f(service, server)
	}
	if db, ok := s.(*sqlStore); ok {
		db.now = service.Now
	}
	server.Handler = service.Handler()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
		require.Equal(t, http.ErrServerClosed, <-done)
		text := log.String()
		for _, private := range []string{
			"María", "Okafor", "@example", "555 01", "Roscoe", "Chicago", "1990-02", "crm-", sampleID[:8],
			writeToken[12:], readToken[11:], otherToken[17:], sampleKey, "SECRET",
		} {
			if at := strings.Index(text, private); at >= 0 {
				t.Errorf("the log holds %q: …%s", private, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	})
	return "http://" + l.Addr().String(), log
}

// request is raw for answers with a body.
func request(t *testing.T, method, url, token, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	resp, got := raw(t, method, url, token, body, headers...)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	if resp.StatusCode >= 400 {
		for _, e := range envelope(t, got) {
			require.Equal(t, resp.Header.Get("X-Request-Id"), e.Meta.RequestID)
		}
	}
	return resp, got
}

// raw sends one request; headers are pairs of name and value.
func raw(t *testing.T, method, url, token, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NotEmpty(t, resp.Header.Get("X-Request-Id"))
	return resp, string(got)
}

// oneError reads an envelope that holds one error and returns its code, its
// rule and where it is.
func oneError(t *testing.T, body string) (code, rule, source string) {
	t.Helper()
	all := envelope(t, body)
	require.Len(t, all, 1, body)
	return all[0].Code, all[0].Meta.Rule, all[0].Source.Pointer + all[0].Source.Parameter + all[0].Source.Header
}

type envelopeError struct {
	Code, Title, Detail string
	Source              struct{ Pointer, Parameter, Header string }
	Meta                struct {
		Rule, Suggestion string
		RequiredScope    string `json:"required_scope"`
		Offset, Limit    int
		PointerTruncated bool   `json:"pointer_truncated"`
		RequestID        string `json:"request_id"`
	}
}

func envelope(t *testing.T, body string) []envelopeError {
	t.Helper()
	var e struct{ Errors []envelopeError }
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&e), body)
	require.NotEmpty(t, e.Errors)
	for _, e := range e.Errors {
		require.NotEmpty(t, e.Code)
		require.NotEmpty(t, e.Title)
		require.NotEmpty(t, e.Detail)
	}
	require.NotContains(t, body, "goroutine")
	return e.Errors
}

func TestUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		url, _ := serve(t, s)

		resp, before := request(t, "GET", url+samplePath, readToken, "")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, string(c.AppendJSON(nil)), before)

		resp, body := request(t, "PATCH", url+samplePath, writeToken,
			`{"city":"Oak Park","phone_home":null,"meta_public":{"ledger":9007199254740995}}`, "Idempotency-Key", sampleKey)
		require.Equal(t, 200, resp.StatusCode, body)
		require.Empty(t, resp.Header.Get("X-Idempotent-Replay"))
		require.Equal(t, "application/json, application/merge-patch+json", resp.Header.Get("Accept-Patch"))
		got, err := contact.Parse([]byte(body))
		require.NoError(t, err)
		require.Equal(t, "Oak Park", *got.City)
		require.Nil(t, got.PhoneHome)
		require.Contains(t, body, `"ledger":9007199254740995`)
		require.Contains(t, body, `"score":12.50`)
		require.Equal(t, clock, got.UpdatedAt)

		resp, after := request(t, "GET", url+samplePath, readToken, "")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, body, after)

		resp, again := request(t, "PATCH", url+samplePath, writeToken,
			`{"city":"Oak Park","phone_home":null,"meta_public":{"ledger":9007199254740995}}`, "Idempotency-Key", sampleKey)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "true", resp.Header.Get("X-Idempotent-Replay"))
		require.Equal(t, body, again)

		resp, body = request(t, "PATCH", url+samplePath, writeToken, `{"city":"Cicero"}`, "Idempotency-Key", strings.ToUpper(sampleKey))
		require.Equal(t, 422, resp.StatusCode)
		code, _, source := oneError(t, body)
		require.Equal(t, "idempotency_conflict", code)
		require.Equal(t, "Idempotency-Key", source)

		resp, body = request(t, "PATCH", url+samplePath, writeToken, `{"city":"Cicero","updated_at":"2026-05-17T08:02:45.120004Z"}`)
		require.Equal(t, 409, resp.StatusCode)
		code, rule, source := oneError(t, body)
		require.Equal(t, []string{"stale_update", "stale", "/updated_at"}, []string{code, rule, source})

		_, last := request(t, "GET", url+samplePath, readToken, "")
		require.Equal(t, after, last, "the refused ones changed nothing")
	})
}

func TestRefusals(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		url, _ := serve(t, s)
		unknown := "/v2/partner/contacts/00000000-0000-4000-8000-000000000000"
		for _, tt := range []struct {
			name, method, path, token, body string
			headers                         []string
			status                          int
			code, rule, source              string
		}{
			{name: "no token", method: "PATCH", path: samplePath, body: `{}`, status: 401, code: "unauthorized", source: "Authorization"},
			{name: "unknown token", method: "PATCH", path: samplePath, token: "SECRET.SECRET", body: `{}`, status: 401, code: "unauthorized", source: "Authorization"},
			{name: "id of a token alone", method: "GET", path: samplePath, token: "sample-write", status: 401, code: "unauthorized", source: "Authorization"},
			{name: "wrong secret", method: "GET", path: samplePath, token: writeToken[:len(writeToken)-1] + "b", status: 401, code: "unauthorized", source: "Authorization"},
			{name: "token that is no text", method: "GET", path: samplePath, token: "\xff\xfe.SECRET", status: 401, code: "unauthorized", source: "Authorization"},
			{name: "another scheme", method: "GET", path: samplePath, headers: []string{"Authorization", "Basic " + writeToken}, status: 401, code: "unauthorized", source: "Authorization"},
			{name: "two spaces", method: "GET", path: samplePath, headers: []string{"Authorization", "Bearer  " + otherToken}, status: 404, code: "not_found"},
			{name: "no scope", method: "PATCH", path: samplePath, token: readToken, body: `{"city":"SECRET"}`, status: 401, code: "scope_missing", rule: "scope"},
			{name: "other team's", method: "PATCH", path: samplePath, token: otherToken, body: `{"city":"SECRET"}`, status: 404, code: "not_found"},
			{name: "other team's, read", method: "GET", path: samplePath, token: otherToken, status: 404, code: "not_found"},
			{name: "unknown contact", method: "PATCH", path: unknown, token: writeToken, body: `{}`, status: 404, code: "not_found"},
			{name: "unknown contact, read", method: "GET", path: unknown, token: writeToken, status: 404, code: "not_found"},
			{name: "path id", method: "PATCH", path: "/v2/partner/contacts/SECRET", token: writeToken, body: `{}`, status: 400, code: "validation_failed", rule: "uuid", source: "id"},
			{name: "path id, read", method: "GET", path: "/v2/partner/contacts/SECRET", token: writeToken, status: 400, code: "validation_failed", rule: "uuid", source: "id"},
			{name: "media type", method: "PATCH", path: samplePath, token: writeToken, body: `{}`, headers: []string{"Content-Type", "text/SECRET"}, status: 415, code: "unsupported_media_type", rule: "media_type", source: "Content-Type"},
			{name: "key", method: "PATCH", path: samplePath, token: writeToken, body: `{}`, headers: []string{"Idempotency-Key", "SECRET"}, status: 400, code: "validation_failed", rule: "key", source: "Idempotency-Key"},
			{name: "syntax", method: "PATCH", path: samplePath, token: writeToken, body: `{"city":"SECRET`, status: 400, code: "malformed_json", rule: "syntax"},
			{name: "empty body", method: "PATCH", path: samplePath, token: writeToken, status: 400, code: "malformed_json", rule: "syntax"},
			{name: "depth", method: "PATCH", path: samplePath, token: writeToken, body: strings.Repeat(`[`, 1000), status: 400, code: "malformed_json", rule: "depth"},
			{name: "too large", method: "PATCH", path: samplePath, token: writeToken, body: `{"city":"` + strings.Repeat("SECRET", 1<<18) + `"}`, status: 413, code: "body_too_large", rule: "size"},
			{name: "type", method: "PATCH", path: samplePath, token: writeToken, body: `{"sms_opted_in":"true"}`, status: 422, code: "validation_failed", rule: "type", source: "/sms_opted_in"},
			{name: "unknown field", method: "PATCH", path: samplePath, token: writeToken, body: `{"SECRET":1}`, status: 422, code: "validation_failed", rule: "unknown", source: "/SECRET"},
			{name: "immutable", method: "PATCH", path: samplePath, token: writeToken, body: `{"inserted_at":"2020-01-01T00:00:00Z"}`, status: 422, code: "validation_failed", rule: "immutable", source: "/inserted_at"},
			{name: "mismatch", method: "PATCH", path: samplePath, token: writeToken, body: `{"id":"00000000-0000-4000-8000-000000000000"}`, status: 422, code: "validation_failed", rule: "mismatch", source: "/id"},
			{name: "stale", method: "PATCH", path: samplePath, token: writeToken, body: `{"city":"SECRET","updated_at":"2020-01-01T00:00:00Z"}`, status: 409, code: "stale_update", rule: "stale", source: "/updated_at"},
			{name: "method", method: "DELETE", path: samplePath, token: writeToken, status: 405, code: "method_not_allowed"},
			{name: "invented method", method: "SECRET", path: samplePath, token: writeToken, status: 405, code: "method_not_allowed"},
			{name: "method of another route", method: "POST", path: "/healthz", status: 405, code: "method_not_allowed"},
			{name: "route", method: "GET", path: "/SECRET", status: 404, code: "not_found"},
			{name: "no id", method: "GET", path: "/v2/partner/contacts/", token: writeToken, status: 404, code: "not_found"},
			{name: "below a contact", method: "PATCH", path: samplePath + "/SECRET", token: writeToken, body: `{}`, status: 404, code: "not_found"},
			{name: "way up in the id", method: "GET", path: "/v2/partner/contacts/..%2f..", token: writeToken, status: 404, code: "not_found"},
			{name: "slash in the id", method: "GET", path: "/v2/partner/contacts/a%2fb", token: writeToken, status: 400, code: "validation_failed", rule: "uuid", source: "id"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				resp, body := request(t, tt.method, url+tt.path, tt.token, tt.body, tt.headers...)
				require.Equal(t, tt.status, resp.StatusCode, body)
				code, rule, source := oneError(t, body)
				require.Equal(t, tt.code, code)
				require.Equal(t, cmp.Or(tt.rule, tt.code), rule) // an error of the service has its code for a rule
				if tt.source != "" {
					require.Equal(t, tt.source, source)
				}
				switch tt.status {
				case 401:
					want := `Bearer error="invalid_token"`
					switch {
					case tt.rule == "scope":
						want = `Bearer error="insufficient_scope", scope="partner:contacts:write"`
					case tt.token == "" && (tt.headers == nil || strings.HasPrefix(tt.headers[1], "Basic")):
						want = "Bearer"
					}
					require.Equal(t, want, resp.Header.Get("WWW-Authenticate"))
					require.NotContains(t, body, `\u003c`)
				case 405:
					require.NotEmpty(t, resp.Header.Get("Allow"))
				}
				if tt.source != "/SECRET" {
					require.NotContains(t, body, "SECRET")
				}
			})
		}
		require.Equal(t, string(c.AppendJSON(nil)), string(stored(t, s, c).AppendJSON(nil)))
		require.Zero(t, answers(t, s))
	})
}

func TestAllFaultsAtOnce(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	url, log := serve(t, s)
	resp, body := request(t, "PATCH", url+samplePath, writeToken,
		`{"name_first":42,"birthdate":"1990-02-30","timezone":"america/chicago","sms_opted_in":"true","name_frist":"SECRET"}`)
	require.Equal(t, 422, resp.StatusCode)
	var got []string
	for _, e := range envelope(t, body) {
		got = append(got, e.Source.Pointer+" "+e.Meta.Rule)
	}
	require.Equal(t, []string{"/name_first type", "/birthdate date", "/timezone timezone", "/sms_opted_in type", "/name_frist unknown"}, got)
	require.Contains(t, log.String(), `"rules":["type","date","timezone","type","unknown"]`)
}

func TestReplayEndsAfterADay(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	var mu sync.Mutex
	now := clock
	url, _ := serve(t, s, func(s *Service, _ *http.Server) {
		s.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	for _, tt := range []struct {
		after  time.Duration
		replay string
	}{{0, ""}, {keyLife - time.Microsecond, "true"}, {keyLife, ""}, {keyLife + time.Hour, "true"}} {
		mu.Lock()
		now = clock.Add(tt.after)
		mu.Unlock()
		resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"city":"Oak Park"}`, "Idempotency-Key", sampleKey)
		require.Equal(t, 200, resp.StatusCode, body)
		require.Equal(t, tt.replay, resp.Header.Get("X-Idempotent-Replay"), tt.after)
	}
}

func TestHealth(t *testing.T) {
	s := opened(t, "", "")
	url, _ := serve(t, s)
	for path, want := range map[string]string{"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`} {
		resp, body := request(t, "GET", url+path, "", "")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, want, body)
	}
	require.NoError(t, s.Close())
	resp, _ := request(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 200, resp.StatusCode, "to start the service again would not help")
	resp, body := request(t, "GET", url+"/readyz", "", "")
	require.Equal(t, 503, resp.StatusCode)
	require.Equal(t, retryAfter, resp.Header.Get("Retry-After"))
	code, _, _ := oneError(t, body)
	require.Equal(t, "service_unavailable", code)
}

// A broken stored contact is the service's fault, and what the library says
// about it, which is meant for whoever sent the body, is not for the client.
func TestBrokenStoredContact(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	url, log := serve(t, s)
	for _, broken := range []string{`{"city":"SECRET"`, `{"city":"SECRET","name_first":1}`, `{"SECRET":1}`} {
		_, err := s.db.Exec(`UPDATE contacts SET body = $1`, broken)
		require.NoError(t, err)
		resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"city":"Oak Park"}`, "Idempotency-Key", sampleKey)
		require.Equal(t, 500, resp.StatusCode)
		code, rule, _ := oneError(t, body)
		require.Equal(t, "stored_contact_invalid", code)
		require.Equal(t, "stored_contact_invalid", rule)
		require.Contains(t, log.String(), "stored document")
	}
}

// panicStore panics with something private.
type panicStore struct{ Database }

func (panicStore) Load(context.Context, contact.ID) ([]byte, error) { panic("SECRET") }

func TestPanic(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	url, log := serve(t, panicStore{s})
	resp, body := request(t, "GET", url+samplePath, writeToken, "")
	require.Equal(t, 500, resp.StatusCode)
	code, _, _ := oneError(t, body)
	require.Equal(t, "internal_error", code)
	require.Contains(t, log.String(), "panicStore.Load", "the log says where")
}

// slowStore answers when it is told to.
type slowStore struct {
	Database
	entered, release chan struct{}
}

func (s slowStore) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	close(s.entered)
	<-s.release
	return s.Database.Load(ctx, id)
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	base := opened(t, "", "")
	sampleStore(t, base)
	s := slowStore{base, make(chan struct{}), make(chan struct{})}
	var server *http.Server
	url, _ := serve(t, s, func(_ *Service, s *http.Server) { server = s })
	status, down := make(chan int, 1), make(chan error, 1)
	go func() {
		resp, _ := request(t, "GET", url+samplePath, writeToken, "")
		status <- resp.StatusCode
	}()
	<-s.entered
	go func() { down <- server.Shutdown(context.Background()) }()
	select {
	case err := <-down:
		t.Fatal("the server ended before its request", err)
	case <-time.After(200 * time.Millisecond):
	}
	_, err := http.Get(url + "/healthz")
	require.Error(t, err, "new requests are refused")
	close(s.release)
	require.Equal(t, 200, <-status)
	require.NoError(t, <-down)
}

// silentStore answers nothing before its context ends.
type silentStore struct{ Database }

func (silentStore) Load(ctx context.Context, _ contact.ID) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Who goes away in the middle of a request is no fault of the service's.
func TestClientThatGoesAway(t *testing.T) {
	s := opened(t, "", "")
	sampleStore(t, s)
	url, log := serve(t, silentStore{s})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url+samplePath, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+writeToken)
	_, err = http.DefaultClient.Do(r)
	require.ErrorIs(t, err, context.Canceled)
	require.Eventually(t, func() bool { return strings.Contains(log.String(), `"code":"client_gone"`) }, storeTime/2, time.Millisecond)
	require.NotContains(t, log.String(), `"level":"ERROR"`)
}

// TestPanicAfterAnswer: an answer that has begun gets no second one after it, and the log says what happened.
func TestPanicAfterAnswer(t *testing.T) {
	var log bytes.Buffer
	s := &Service{Log: slog.New(slog.NewJSONHandler(&log, nil)), Store: opened(t, "", ""), Now: time.Now}
	s.Handler()
	w := httptest.NewRecorder()
	s.wrap(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "begun")
		panic("SECRET")
	}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	require.Equal(t, "begun", w.Body.String())
	require.Contains(t, log.String(), "panic with string")
	require.NotContains(t, log.String(), "SECRET")
}
