package main

import (
	"errors"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/partner-contacts/contact/benchmarks/contactpb"
)

// protoPeer is protojson into a generated message, judged by protovalidate's
// rules in contactpb/contact.proto. The standard rules have no calendar, so a
// birthdate is judged by its form.
func protoPeer() (contender, error) {
	v, err := protovalidate.New(protovalidate.WithMessages(&contactpb.Contact{}, &contactpb.ContactPatch{}), protovalidate.WithDisableLazy())
	if err != nil {
		return contender{}, err
	}
	judge := func(body []byte, m proto.Message) error {
		if err := protojson.Unmarshal(body, m); err != nil {
			return err
		}
		return v.Validate(m)
	}
	return contender{
		name:    "protovalidate on protojson",
		modules: []string{"buf.build/go/protovalidate", "google.golang.org/protobuf"},
		note:    "standard rules on generated messages, timezones the rule in",
		full:    func(body []byte) error { return judge(body, &contactpb.Contact{}) },
		patch:   func(body []byte) error { return judge(body, &contactpb.ContactPatch{}) },
		list: func(dst []string, err error) []string {
			e, ok := errors.AsType[*protovalidate.ValidationError](err)
			if !ok {
				return append(dst, err.Error())
			}
			for _, v := range e.Violations {
				dst = append(dst, protovalidate.FieldPathString(v.Proto.GetField()))
			}
			return dst
		},
	}, nil
}
