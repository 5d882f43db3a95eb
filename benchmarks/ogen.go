package main

import (
	"errors"
	"io"

	"github.com/go-faster/jx"
	"github.com/ogen-go/ogen/validate"

	"github.com/partner-contacts/contact/benchmarks/ogenapi"
)

// An ogenValue is a type that ogen generates.
type ogenValue interface {
	Decode(d *jx.Decoder) error
	Validate() error
}

// ogenPeer is the code that ogen generates for the schemas of the operation, used as in its servers.
func ogenPeer() contender {
	judge := func(body []byte, v ogenValue) error {
		d := jx.DecodeBytes(body)
		if err := v.Decode(d); err != nil {
			return err
		}
		if err := d.Skip(); err != io.EOF {
			return errTrailing
		}
		return v.Validate()
	}
	return contender{
		name:    "ogen",
		modules: []string{"github.com/ogen-go/ogen", "github.com/go-faster/jx"},
		note:    "decoder and validator generated from openapi.bundled.json",
		near:    true,
		full:    func(body []byte) error { return judge(body, new(ogenapi.Contact)) },
		patch:   func(body []byte) error { return judge(body, new(ogenapi.ContactPatch)) },
		list: func(dst []string, err error) []string {
			e, ok := errors.AsType[*validate.Error](err)
			if !ok {
				return append(dst, err.Error())
			}
			for _, f := range e.Fields {
				dst = append(dst, f.Name)
			}
			return dst
		},
	}
}
