"""Every setting, read from the environment; `docs/settings.md` lists them.

Without any environment the site runs on this machine against the embedded PostgreSQL and the
sandbox. `STOCKSPROUT_ENV=production` refuses to start on anything a production site must not use.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from stocksprout.keys import local_key
from stocksprout.patience import PROCESS, be_patient
from stocksprout.postgres import database_url

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
env = environ.Env()

PRODUCTION = env.str("STOCKSPROUT_ENV", "local") == "production"
DEBUG = env.bool("DEBUG", False)


def secret(name: str) -> str:
    """Return a secret of the environment; on a developer's machine one made once, in `var/`."""
    value: str = env.str(name, "")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"Set {name}: production has no default for it.")
    return local_key(VAR_DIR / "keys", name)


SECRET_KEY = secret("SECRET_KEY")
FERNET_KEYS = [key.strip() for key in env.list("FERNET_KEYS", default=[])] or [secret("FERNET_KEY")]
BLIND_INDEX_KEY = secret("BLIND_INDEX_KEY")

SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[urlsplit(SITE_URL).hostname or ""]
    if PRODUCTION
    else ["127.0.0.1", "localhost", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "gifting",
    "brokerage",
    "prefill",
    "accounts",
    "tenants",
    "core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "pgtrigger",
    "waffle",
    "corsheaders",
    "csp",
    "localflavor",
    "stocksprout.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "core.middleware.RequestId",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "brokerage.relay.Relay",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SignIns",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.UsableText",
    "core.vendors.budget.Budget",
    "core.again.TryAgain",
]

ROOT_URLCONF = "stocksprout.urls"
WSGI_APPLICATION = "stocksprout.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.frame",
            ],
            "builtins": ["core.templatetags.show"],
        },
    }
]

# --- database, cache, queue -----------------------------------------------------------------
DATABASES = {
    "default": be_patient(
        environ.Env.db_url_config(secret("DATABASE_URL") if PRODUCTION else database_url(BASE_DIR)),
        env.str(PROCESS, "command"),
    )
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # culling would forget rate limits
    }
}

QUEUE_WORKERS = env.int("QUEUE_WORKERS", 2)
# Seconds without a sign of life after which the queue's processes are replaced; longer than a task.
QUEUE_SILENT_SECONDS = env.float("QUEUE_SILENT_SECONDS", 120.0)
Q_CLUSTER: dict[str, object] = {
    "name": "stocksprout",
    "workers": QUEUE_WORKERS,
    "queue_limit": 4,
    "bulk": 1,
    "timeout": 60,
    # > timeout × (1 + queue_limit / workers), or a task runs twice
    "retry": 120 + 60 * 4 // max(QUEUE_WORKERS, 1),
    "ack_failures": True,
    "max_attempts": 5,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 500,
    "sync": env.bool("QUEUE_SYNC", False),
} | ({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"})

# --- sign-in (allauth) ------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.sign_up.SignUp",
    "login": "accounts.sign_up.SignIn",
    "reset_password": "accounts.sign_up.LostPassword",
    "add_email": "accounts.sign_up.AddEmail",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.consent_forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = env.json("ACCOUNT_RATE_LIMITS", default={})
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "StockSprout"
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.strategy.JWTTokenStrategy"
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3600
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
SESSION_COOKIE_AGE = 30 * 24 * 3600  # refresh tokens live in the session
WEB_SESSION_AGE = timedelta(hours=12)
UNPROVEN_DAYS = 3  # how long the link in the mail can be opened, and a password waits for it
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = UNPROVEN_DAYS

# --- security -----------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
)
SECURE_REFERRER_POLICY = "same-origin"  # a gift link is a secret: never send it elsewhere
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would not know who comes back from their bank's site
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # everything but files
DATA_UPLOAD_MAX_NUMBER_FILES = 2
FILE_UPLOAD_HANDLERS = ["core.uploads.KeepInMemory"]  # never on a disk
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- API ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.DecimalJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.PersonThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", "600/min")},
    "EXCEPTION_HANDLER": "core.problems.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
}
TENANT_API_RATE = env.str("TENANT_API_RATE", "600/min")  # of one key at /api/v1/
# Tenants' pages call it from any origin with a client token, and never with our cookies.
CORS_URLS_REGEX = r"^/api/v1/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = ["authorization", "x-api-key", "content-type", "idempotency-key"]
CORS_EXPOSE_HEADERS = [
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Idempotent-Replayed",
    "X-Request-Id",
]
SPECTACULAR_SETTINGS = {
    "TITLE": "StockSprout API",
    "DESCRIPTION": "For parents' mobile apps. Money is a decimal string in US dollars.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "OrderSideEnum": ["BUY", "SELL"],
        "DocumentSideEnum": ["front", "back"],
        "KindEnum": "brokerage.api.kyc.KINDS",  # of a document
        "LinkKindEnum": ["layer", "link", "update"],
    },
}

# --- vendors --------------------------------------------------------------------------------
PRACTICE = "http://127.0.0.1:8801"  # the sandbox on a developer's machine
BROKER = "brokerage.drivewealth.client.DriveWealth"
BROKER_ALPHABET = "brokerage.drivewealth.spelling"
DRIVEWEALTH_PRACTICE_HOSTS = (".drivewealth.io",)  # DriveWealth's own test system
DRIVEWEALTH_ENV = env.str("DRIVEWEALTH_ENV", "sandbox")
DRIVEWEALTH_BASE_URL = env.str(
    "DRIVEWEALTH_BASE_URL", "" if PRODUCTION else f"{PRACTICE}/drivewealth"
)
DRIVEWEALTH_CLIENT_ID = env.str("DRIVEWEALTH_CLIENT_ID", "" if PRODUCTION else "sandbox-client")
DRIVEWEALTH_CLIENT_SECRET = env.str(
    "DRIVEWEALTH_CLIENT_SECRET", "" if PRODUCTION else "sandbox-secret"
)
DRIVEWEALTH_APP_KEY = env.str("DRIVEWEALTH_APP_KEY", "" if PRODUCTION else "sandbox-app-key")
# DriveWealth's own sandbox takes 5 requests a second per app key (its docs, v1.67); 0 is no limit.
DRIVEWEALTH_MAX_PER_SECOND = env.int(
    "DRIVEWEALTH_MAX_PER_SECOND",
    5
    if (urlsplit(DRIVEWEALTH_BASE_URL).hostname or "").endswith(DRIVEWEALTH_PRACTICE_HOSTS)
    else 0,
)
DRIVEWEALTH_DESCRIPTION = env.str("DRIVEWEALTH_DESCRIPTION", "2026-08-26")
# Who takes DriveWealth's market data has to say what employed customers do at work.
BROKER_NEEDS_POSITION = env.bool("DRIVEWEALTH_MARKET_DATA", False)
DRIVEWEALTH_CUSTODIAL_ACCOUNT_OWNER = env.str("DRIVEWEALTH_CUSTODIAL_ACCOUNT_OWNER", "child")
DRIVEWEALTH_WEBHOOK_SECRET = env.list("DRIVEWEALTH_WEBHOOK_SECRET", default=[])  # newest first
DRIVEWEALTH_WEBHOOK_RATE = env.float("DRIVEWEALTH_WEBHOOK_RATE", 200.0)  # a second and process
BROKER_EVENTS_QUEUE_URL = env.str("BROKER_EVENTS_QUEUE_URL", "")
BROKER_EVENTS_REGION = env.str("BROKER_EVENTS_REGION", "us-east-1")
BROKER_EVENTS_ENDPOINT_URL = env.str("BROKER_EVENTS_ENDPOINT_URL", "") or None
MICRO_DEPOSITS_SENDER = "brokerage.microdeposits.originator.Originator"
MICRO_DEPOSITS_URL = env.str("MICRO_DEPOSITS_URL", "" if PRODUCTION else f"{PRACTICE}/bank")
MICRO_DEPOSITS_KEY = env.str("MICRO_DEPOSITS_KEY", "" if PRODUCTION else "sandbox-bank-key")


def own_way_back() -> str:
    """Return where banks send people back to; nothing where that is in the clear."""
    parts = urlsplit(SITE_URL)
    is_here = parts.hostname in {"127.0.0.1", "::1", "localhost"} and not PRODUCTION
    return f"{SITE_URL}/links/back/" if is_here or parts.scheme == "https" else ""


# By mode: live people, and the vendors' own sandboxes for tenants' test keys.
PLAID = {
    mode: {
        "base_url": env.str(f"{name}_BASE_URL", "" if PRODUCTION else f"{PRACTICE}/plaid"),
        "client_id": env.str(f"{name}_CLIENT_ID", "" if PRODUCTION else "sandbox-plaid-client"),
        "secret": env.str(f"{name}_SECRET", "" if PRODUCTION else "sandbox-plaid-secret"),
        # Layer's template in Plaid's dashboard; without one Layer is off.
        "layer_template": env.str(f"{name}_LAYER_TEMPLATE", "" if PRODUCTION else "template_local"),
        "webhook_url": env.str(f"{name}_WEBHOOK_URL", f"{SITE_URL}/api/webhooks/plaid/{mode}"),
        # Registered in Plaid's dashboard too; without one no bank that has people sign in on its
        # own site can be connected on a phone.
        "redirect_uri": env.str(f"{name}_REDIRECT_URI", own_way_back()),
    }
    for mode, name in (("live", "PLAID"), ("test", "PLAID_SANDBOX"))
}
PLAID_WEBHOOK_RATE = env.float("PLAID_WEBHOOK_RATE", 50.0)  # a second, sender and process
PLAID_SCRIPT_URL = env.str(
    "PLAID_SCRIPT_URL",
    "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
    if PRODUCTION or (urlsplit(PLAID["live"]["base_url"]).hostname or "").endswith(".plaid.com")
    else f"{PRACTICE}/plaid-ui/link-initialize.js",
)
SPINWHEEL = {
    mode: {
        "base_url": env.str(f"{name}_BASE_URL", "" if PRODUCTION else f"{PRACTICE}/spinwheel"),
        "key": env.str(f"{name}_KEY", "" if PRODUCTION else "sandbox-spinwheel-key"),
        # Spinwheel enables finding people by a number that somebody else proved, on request.
        "preverified": env.bool(f"{name}_PREVERIFIED", not PRODUCTION),
    }
    for mode, name in (("live", "SPINWHEEL"), ("test", "SPINWHEEL_SANDBOX"))
}
# The practice broker's own page, which practice pages then link to; never in production.
PRACTICE_DESK_URL = env.str("PRACTICE_DESK_URL", "")
PHONE_METHODS = ["sms"]  # all that Spinwheel can; tenants are offered no other
VENDOR_TIMEOUT = (3.05, 20)  # seconds to connect, seconds to read

# --- the web server's threads -------------------------------------------------------------------
WEB_THREADS = env.int("WEB_THREADS", 8)  # of one process: granian's --blocking-threads
WEB_VENDOR_SECONDS = env.float("WEB_VENDOR_SECONDS", 8.0)  # one request waits for vendors in all

# --- the product's own rules --------------------------------------------------------------------
GIFT_MIN = env.str("GIFT_MIN", "1.00")
GIFT_MAX = env.str("GIFT_MAX", "10000.00")
DEPOSIT_MIN = env.str("DEPOSIT_MIN", "10.00")
DEPOSIT_MAX = env.str("DEPOSIT_MAX", "10000.00")
DEPOSIT_DAY_MAX = env.str("DEPOSIT_DAY_MAX", "20000.00")  # of one parent, gifts not counted
ORDER_PRICE_MARGIN = env.str("ORDER_PRICE_MARGIN", "5")  # percent, on orders for shares
GIFTS_PER_EMAIL = env.int("GIFTS_PER_EMAIL", 20)  # an hour, to one child
GIFTS_PER_NETWORK = env.int("GIFTS_PER_NETWORK", 30)  # an hour to one child
GIFTS_WAITING_AT_LINK = env.int("GIFTS_WAITING_AT_LINK", 100)  # of addresses nobody has confirmed
GIFT_MAIL_MINUTES = env.int("GIFT_MAIL_MINUTES", 60)  # between two mails about waiting gifts
HALTED_GIFT_DAYS = env.int("HALTED_GIFT_DAYS", 10)  # then a gift of a halted share gives up
ALLOW_ETF = env.bool("ALLOW_ETF", False)  # DriveWealth's custodial page: "only stocks"
MICRO_DEPOSITS_DAYS = env.int("MICRO_DEPOSITS_DAYS", 14)  # how long the amounts can be named
MICRO_DEPOSITS_RESENDS = env.int("MICRO_DEPOSITS_RESENDS", 2)  # of one bank link
MICRO_DEPOSITS_PER_DAY = env.int("MICRO_DEPOSITS_PER_DAY", 3)  # of one parent, in 24 hours
PREFILL_RAW_DAYS = env.int("PREFILL_RAW_DAYS", 30)  # how long vendors' raw answers are kept
SMS_PER_DAY = env.int("SMS_PER_DAY", 1000)  # codes texted for one tenant in 24 hours
TEEN_ACCOUNTS = env.bool("TEEN_ACCOUNTS", False)
CLOCK_FILE = env.str("CLOCK_FILE", "")  # follow the sandbox's clock; never in production
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 5.0)
PARK_AFTER = env.int("PARK_AFTER", 8)  # failures in a row that no outage explains
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])  # who is written to when work is parked
SYNC_PARALLEL = env.int("SYNC_PARALLEL", 8)  # threads that ask the broker side by side
BREAK_CASE_HOURS = env.float("BREAK_CASE_HOURS", 24.0)
POLL_SECONDS = env.int("POLL_SECONDS", 300)  # how often a deposit or order under way is asked for

# --- mail, files, language, logs --------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env.str("MAIL_FOLDER", str(VAR_DIR / "mail"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "StockSprout <hello@stocksprout.example>")
# Where people write to: on the contact page, in mails and in the API.
AGREEMENTS_FOLDER = env.str("AGREEMENTS_FOLDER", str(BASE_DIR / "accounts/data/agreements"))
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", "" if PRODUCTION else "help@stocksprout.example")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English"))]
TIME_ZONE = "America/New_York"
USE_TZ = True

PRACTICE_PHONES = not PRODUCTION  # numbers with 555-01 belong to nobody; practice people have them
LOG_JSON = env.bool("LOG_JSON", PRODUCTION)
LOGGING_CONFIG = "core.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", "INFO"), "json": LOG_JSON}
SILENCED_SYSTEM_CHECKS: list[str] = []
