"""Certificates of the pretend gateway (self-signed) and cloud (with a CA)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import hashlib
import ipaddress
from pathlib import Path
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# OpenSSL checks the cloud's certificate against the machine's clock, whatever a test
# does to Python's, so its validity covers every date that a test may pretend.
_CLOUD_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_CLOUD_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
_GATEWAY_VALIDITY = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its private key, both PEM."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the DER form, lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def der(self) -> bytes:
        """Return the DER form."""
        certificate = x509.load_pem_x509_certificate(self.certificate_pem)
        return certificate.public_bytes(serialization.Encoding.DER)

    def load_into(self, context: ssl.SSLContext) -> None:
        """Make `context` answer new connections with this certificate."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chain.pem"
            path.touch(mode=0o600)
            path.write_bytes(self.certificate_pem + self.key_pem)
            context.load_cert_chain(path)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pack(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> Certificate:
    return Certificate(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def gateway_certificate(serial: str, *, now: float) -> Certificate:
    """Return a self-signed certificate CN `envoy-<serial>`, good for one year."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.fromtimestamp(now, tz=UTC) - timedelta(hours=1)
    name = _name(f"envoy-{serial}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _GATEWAY_VALIDITY)
        .sign(key, hashes.SHA256())
    )
    return _pack(certificate, key)


class Authority:
    """A certificate authority that lives as long as the simulator."""

    def __init__(self) -> None:
        """Make the key and the CA certificate."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Simulated Enphase cloud CA")
        public = self._key.public_key()
        self._ski = x509.SubjectKeyIdentifier.from_public_key(public)
        self._certificate = (
            self._builder(self._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_ca_usage(), critical=True)
            .add_extension(self._ski, critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """Return the CA certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self) -> Certificate:
        """Return a server certificate for 127.0.0.1, ::1 and localhost."""
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key()
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.IPAddress(ipaddress.ip_address("::1")),
            ]
        )
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
            self._ski
        )
        certificate = (
            self._builder(_name("localhost"), public)
            .add_extension(names, critical=False)
            .add_extension(
                x509.BasicConstraints(ca=False, path_length=None), critical=True
            )
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(public), critical=False
            )
            .add_extension(issuer_key, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _pack(certificate, key)

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_CLOUD_FROM)
            .not_valid_after(_CLOUD_UNTIL)
        )


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def server_context(
    certificate: Certificate, *, tls12_only: bool = False
) -> ssl.SSLContext:
    """Return a server-side context; a gateway speaks TLS 1.2 at most."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls12_only:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    certificate.load_into(context)
    return context


# cryptography remembers the datetime class of its first certificate and refuses others.
# That must be the real one, not that of a test which froze the time.
gateway_certificate("0", now=0.0)
