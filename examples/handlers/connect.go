package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/partner-contacts/contact"
)

// UpdateProcedure is the remote procedure that Connect serves.
const UpdateProcedure = "/partner.v2.Contacts/UpdateContact"

// Connect is connectrpc.com/connect. Both messages are google.api.HttpBody: a Struct of protobuf has
// doubles for numbers, and no difference between null and absent in its place. The path's id and the
// token's scopes come as headers here; a service takes them from its own messages and interceptors.
func Connect(update func(ctx context.Context, u *contact.Update, body []byte) ([]byte, error)) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(UpdateProcedure, connect.NewUnaryHandler(UpdateProcedure,
		func(ctx context.Context, req *connect.Request[httpbody.HttpBody]) (*connect.Response[httpbody.HttpBody], error) {
			u, err := contact.ParseUpdate(contact.UpdateRequest{
				PathID: req.Header().Get("X-Contact-Id"), Scopes: req.Header().Values("X-Scope"),
				ContentType: req.Msg.GetContentType(), Body: req.Msg.GetData(),
			})
			if err != nil {
				return nil, connectError(err)
			}
			document, err := update(ctx, u, req.Msg.GetData())
			if err != nil {
				return nil, connectError(err)
			}
			return connect.NewResponse(&httpbody.HttpBody{ContentType: "application/json", Data: document}), nil
		}))
	return mux
}

// connectError puts what the library finds into the code and the details of an error.
func connectError(err error) error {
	var errs contact.Errors
	if !errors.As(err, &errs) {
		return connect.NewError(connect.CodeInternal, errors.New("internal error"))
	}
	codes := map[int]connect.Code{
		http.StatusUnauthorized: connect.CodePermissionDenied, http.StatusConflict: connect.CodeAborted,
		http.StatusRequestEntityTooLarge: connect.CodeResourceExhausted,
	}
	code, ok := codes[errs.Status()]
	if !ok {
		code = connect.CodeInvalidArgument
	}
	out := connect.NewError(code, errs)
	if detail, err := connect.NewErrorDetail(wrapperspb.Bytes(errs.AppendJSON(nil))); err == nil {
		out.AddDetail(detail) // the envelope, for clients that read it
	}
	return out
}

// Merged applies an update to a document: what a service does between its load and its save.
func Merged(document []byte, u *contact.Update, body []byte, now time.Time) ([]byte, error) {
	merged, _, err := contact.AppendMerge(nil, document, body, now)
	return merged, err
}
