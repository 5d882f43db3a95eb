package contacthttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

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
		h := handler(&one{[]byte(document)})
		w := send(t, h, strings.NewReader(`{}`))
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, want, w.Header().Get("ETag"), document)
		require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Bergen"}`), "If-Match", want).Code)
	}
	for _, document := range []string{
		"", "null", "[]", `{"updated_at":1}`, `{"updated_at":"2026-13-01T00:00:00Z"}`, `{"updated_at":"secret"}`, `{`,
	} {
		h := handler(&one{[]byte(document)})
		w := send(t, h, strings.NewReader(`{"city":"Bergen"}`))
		require.Equal(t, 500, w.Code, "%s: %s", document, w.Body)
		require.Contains(t, w.Body.String(), `"code":"stored_contact_invalid"`)
		require.NotContains(t, w.Body.String(), "secret")
	}
}

// TestLastVersion: a contact whose version none can follow is told apart from a clock that is wrong.
func TestLastVersion(t *testing.T) {
	document := strings.Replace(string(contacttest.Sample()), "2026-05-17T08:02:45.120004Z", "9999-12-31T23:59:59.999999Z", 1)
	var told error
	h := handler(&one{[]byte(document)})
	h.OnError = func(_ *http.Request, _ int, err error) { told = err }
	w := send(t, h, strings.NewReader(`{"city":"Bergen"}`))
	require.Equal(t, 500, w.Code)
	require.Contains(t, w.Body.String(), `"code":"stored_contact_invalid"`)
	require.ErrorContains(t, told, "/updated_at: Store an earlier updated_at")
	require.NotErrorIs(t, told, contact.ErrTime)
	require.Equal(t, 200, send(t, h, strings.NewReader(`{}`)).Code, "an update that changes nothing needs no version")

	h = handler(&one{contacttest.Sample()})
	h.Now = func() time.Time { return time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }
	h.OnError = func(_ *http.Request, _ int, err error) { told = err }
	w = send(t, h, strings.NewReader(`{"city":"Bergen"}`))
	require.Equal(t, 500, w.Code)
	require.Contains(t, w.Body.String(), `"code":"internal_error"`)
	require.ErrorIs(t, told, contact.ErrTime)
}

// TestIncomplete: a Handler that is not set up says so to whoever looks, and answers.
func TestIncomplete(t *testing.T) {
	complete := handler(&one{contacttest.Sample()})
	for name, h := range map[string]*contacthttp.Handler{
		"nil": nil, "empty": {}, "no store": {Authenticate: complete.Authenticate}, "no tokens": {Store: complete.Store},
	} {
		var told error
		if h != nil {
			h.OnError = func(_ *http.Request, _ int, err error) { told = err }
		}
		require.Equal(t, 500, send(t, h, strings.NewReader(`{}`)).Code, name)
		if h != nil {
			require.ErrorContains(t, told, "without Store or Authenticate")
		}
	}
}

// TestNoContext: who has no context of their own for the store gives none.
func TestNoContext(t *testing.T) {
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(&one{contacttest.Sample()}), Authenticate: func(*http.Request) (context.Context, []string, error) {
		return nil, []string{contacthttp.ScopeUpdate}, nil
	}}
	require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Bergen"}`)).Code)
}

// TestContentCoding: who is refused for a coding is told which is taken.
func TestContentCoding(t *testing.T) {
	h := handler(&one{contacttest.Sample()})
	w := send(t, h, strings.NewReader(`{}`), "Content-Encoding", "gzip")
	require.Equal(t, 415, w.Code)
	require.Equal(t, "identity", w.Header().Get("Accept-Encoding"))
	w = send(t, h, strings.NewReader(`{}`), "Content-Type", "text/plain")
	require.Equal(t, 415, w.Code)
	require.Empty(t, w.Header().Get("Accept-Encoding"))
	require.NotEmpty(t, w.Header().Get("Accept-Patch"))
}

// TestErrorsOfNone: an error that is a list of none, as a nil contact.Errors is once it is an error, is a fault like any.
func TestErrorsOfNone(t *testing.T) {
	store := sampleStore(t)
	store.fault = contact.Errors(nil)
	h := handler(store)
	require.Equal(t, 500, send(t, h, strings.NewReader(`{"city":"Bergen"}`)).Code)
	h.Authenticate = func(r *http.Request) (context.Context, []string, error) { return nil, nil, contact.Errors{} }
	require.Equal(t, 500, send(t, h, strings.NewReader(`{"city":"Bergen"}`)).Code)
}

// TestClientGone: what the store gives up on for a client that has gone is not told as the service's fault; what it gives up
// on for a deadline is.
func TestClientGone(t *testing.T) {
	store := sampleStore(t)
	status := 0
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(store), Authenticate: authenticate,
		OnError: func(_ *http.Request, s int, _ error) { status = s }}
	for fault, want := range map[error]int{context.Canceled: 400, context.DeadlineExceeded: 503} {
		store.fault = fault
		ctx, cancel := context.WithCancelCause(t.Context())
		if fault == context.Canceled {
			cancel(nil)
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodPatch, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", strings.NewReader(`{}`))
		as("ours")(r, contacthttp.ScopeUpdate)
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, want, status, fault)
		cancel(nil)
	}
}

// TestChallenge: RFC 6750 §3.1 has an error where there was a token.
func TestChallenge(t *testing.T) {
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(sampleStore(t)), Authenticate: func(*http.Request) (context.Context, []string, error) {
		return nil, nil, contacthttp.ErrUnauthorized
	}}
	for sent, want := range map[string]string{
		"": "Bearer", "Basic eA==": "Bearer", "Bearer x": `Bearer error="invalid_token"`, "bearer x": `Bearer error="invalid_token"`,
	} {
		w := send(t, h, strings.NewReader(`{}`), "Authorization", sent)
		require.Equal(t, 401, w.Code)
		require.Equal(t, want, w.Header().Get("WWW-Authenticate"), sent)
	}
}

// TestEditProblemWritesToItsOwn: a service may answer with the same errors again and again.
func TestEditProblemWritesToItsOwn(t *testing.T) {
	locked := contact.Errors{contact.NewServiceError(423, "locked", "Locked", "Wait.")}
	store := sampleStore(t)
	store.fault = locked
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(store), Authenticate: authenticate,
		EditProblem: func(_ http.Header, _ *http.Request, p *contacthttp.Problem) { p.Errors[0].Meta.RequestID = "r1" }}
	w := send(t, h, strings.NewReader(`{"city":"Bergen"}`))
	require.Equal(t, 423, w.Code)
	require.Contains(t, w.Body.String(), `"request_id":"r1"`)
	require.Empty(t, locked[0].Meta.RequestID)
}

// TestAnyKey: a key that need not be a UUID is the client's own text, in which case counts.
func TestAnyKey(t *testing.T) {
	store := sampleStore(t)
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(store), Authenticate: authenticate, Options: contact.Options{AnyIdempotencyKey: true}}
	for key, city := range map[string]string{"order-a": "Oslo", "Order-A": "Bergen", "ORDER-A": "Bodø"} {
		w := send(t, h, strings.NewReader(`{"city":"`+city+`"}`), "Idempotency-Key", key)
		require.Equal(t, 200, w.Code, w.Body)
		require.Contains(t, w.Body.String(), city)
		require.Contains(t, store.answers, keyOf{sampleID(t), key})
	}
	w := send(t, h, strings.NewReader(`{"city":"Hamar"}`), "Idempotency-Key", "order-a")
	require.Contains(t, w.Body.String(), "idempotency_conflict")
}

// TestErrorInPlaceOfAnswer: the length of the answer that an error takes the place of is not the error's.
func TestErrorInPlaceOfAnswer(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Length", "3")
	new(contacthttp.Handler).WriteError(w, httptest.NewRequest("GET", "/", nil), contacthttp.ErrNotFound)
	require.Equal(t, strconv.Itoa(w.Body.Len()), w.Header().Get("Content-Length"))
}
