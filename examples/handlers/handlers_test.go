package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/examples/handlers/internal/memory"
)

// TestContract holds each framework to the contract.
func TestContract(t *testing.T) {
	for name, serve := range map[string]func(*contacthttp.Handler) http.Handler{
		"net/http": Standard, "chi": Chi, "echo": Echo, "gin": Gin, "huma": Huma,
	} {
		t.Run(name, func(t *testing.T) {
			var store memory.Store
			contacttest.TestHandler(t, store.Target(serve(store.Handler())))
		})
	}
}

// TestHumaDescribes: the operation is in the API's description, with the contract's own schemas.
func TestHumaDescribes(t *testing.T) {
	server := httptest.NewServer(Huma(&contacthttp.Handler{}))
	defer server.Close()
	for path, want := range map[string]string{
		"/openapi.json":                     `"$ref":"/schema/contact-patch.schema.json"`,
		"/schema/contact-patch.schema.json": `"birthdate"`,
		"/schema/timezone.schema.json":      `"Europe/Oslo"`,
	} {
		response, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v %s", path, err, text)
		}
	}
}

// TestConnect: numbers keep their digits, and errors their pointers.
func TestConnect(t *testing.T) {
	document := contacttest.Sample()
	server := httptest.NewServer(Connect(func(_ context.Context, u *contact.Update, body []byte) ([]byte, error) {
		return Merged(document, u, body, time.Time{})
	}))
	defer server.Close()
	client := connect.NewClient[httpbody.HttpBody, httpbody.HttpBody](server.Client(), server.URL+UpdateProcedure)
	call := func(body string) ([]byte, error) {
		req := connect.NewRequest(&httpbody.HttpBody{ContentType: "application/merge-patch+json", Data: []byte(body)})
		req.Header().Set("X-Contact-Id", "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b")
		req.Header().Set("X-Scope", contacthttp.ScopeUpdate)
		response, err := client.CallUnary(t.Context(), req)
		if err != nil {
			return nil, err
		}
		return response.Msg.GetData(), nil
	}
	merged, err := call(`{"city":null,"meta_public":{"ledger":9007199254740993}}`)
	if err != nil || !strings.Contains(string(merged), `"ledger":9007199254740993`) || strings.Contains(string(merged), `"city"`) {
		t.Errorf("%v %s", err, merged)
	}
	_, err = call(`{"sms_opted_in":"yes"}`)
	var failed *connect.Error
	if !errors.As(err, &failed) || failed.Code() != connect.CodeInvalidArgument || len(failed.Details()) != 1 {
		t.Fatalf("%v", err)
	}
	detail, err := failed.Details()[0].Value()
	if err != nil || !strings.Contains(string(detail.(*wrapperspb.BytesValue).GetValue()), `"pointer":"/sms_opted_in"`) {
		t.Errorf("%v %v", err, detail)
	}
}
