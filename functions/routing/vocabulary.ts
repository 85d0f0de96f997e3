import type { Region } from './regions.ts';

/**
 * How scanners and the people who name protocols write parts of the body. Data: a row says which regions its terms
 * name; terms are separated by commas, compared as `words.ts` says. Longer terms hide shorter ones (FEMORAL HEAD
 * hides HEAD), so what must not match is a longer term of another region, or of none. Sources: DICOM PS3.16 annex L
 * (Body Part Examined) and free text as seen in scanner protocols and public collections.
 */
export interface VocabularyRow {
  regions: Region[];
  terms: string;
  /** Counts only where its text names no region otherwise: HRCT is the lung, HRCT TEMPORAL BONE is not. */
  isWeak?: true;
}

const NO_BODY_PART: VocabularyRow[] = [
  {
    regions: [],
    terms: 'HEAD FIRST, FEET FIRST, HEAD HOLDER, HEAD REST, HEAD COIL, HEAD OF BED, HEAD SIDE, HEAD END',
  },
  {
    regions: [],
    terms: 'OVER HEAD, ABOVE HEAD, OVER THE HEAD, ABOVE THE HEAD, HEAD UP, HEAD DOWN, LONG LEG',
  },
  {
    regions: [],
    terms: 'KOPF VORAN, TETE EN AVANT, CABEZA PRIMERO, ENTRA DI TESTA, ARM UP, ARM DOWN, ON HAND',
  },
];

const HEAD: VocabularyRow[] = [
  {
    regions: ['head'],
    terms: 'HEAD, HEADS, BRAIN, SKULL, CRANIUM, CRANIAL, CRANIO*, INTRACRANIAL, CALVARIUM',
  },
  {
    regions: ['head'],
    terms: 'CEREBRUM, CEREBRAL, CEREBELLUM, CEREB, ENCEPHAL*, NEUROCRANI*, CIRCLEOFWILLIS',
  },
  {
    regions: ['head'],
    terms: 'HEADROUTINE, HEADSEQ*, HEADSPI*, HEADCT, CTHEAD, CTBRAIN, BRAINROUTINE, NCCTHEAD, NCCTBRAIN',
  },
  { regions: ['head'], terms: 'POST FOSSA, POSTERIOR FOSSA, SUBDURAL, INTRACEREBRAL' },
  {
    regions: ['head'],
    terms:
      'KOPF, KOPFCT, SCHADEL*, SCHAEDEL*, GEHIRN*, HIRN, HIRNSCHADEL, NEUROKRANIUM, CCT, KRANIUM, KRANIELL*, KRANIAL*',
  },
  { regions: ['head'], terms: 'CRANE, CRANIENNE, TETE, CERVEAU, ENCEPHALE, CEREBRALE*, CEREBRAUX' },
  { regions: ['head'], terms: 'CABEZA, CRANEO*, CRANEAL, CEREBRO, ENCEFALO*, ENCEFALIC*' },
  { regions: ['head'], terms: 'CABECA, CRANIANO, CRANIANA, TESTA, CERVELLO, CRANICO, CRANICA, CAPO' },
  {
    regions: ['head'],
    terms:
      'HOOFD, HERSENEN, SCHEDEL, HUVUD, HJARNA, SKALLE*, HODE, HJERNE, CAPUT, CEREBRI, HOVED, HOVEDET, KALLO, AIVOT',
  },
  {
    regions: ['head'],
    terms:
      'GLOWA, GLOWY, GLOWE, CZASZKA, CZASZKI, MOZG, MOZGU, MOZGOWIA, MOZGOWIE, HLAVA, HLAVY, GOLOVA, GOLOVY, GOLOVNOGO MOZGA, MOZEK, MOZKU, MOZOG, LEBKA',
  },
  { regions: ['head'], terms: 'KOPONYA, AGY, CAP CEREBRAL, CRANIU, CREIER, GLAVA, GLAVE, MOZAK, MOZGA' },
  { regions: ['head'], terms: 'BEYIN, KAFA, KAFATASI, KRANYUM, KRANYAL, SEREBRAL' },
  {
    regions: ['head'],
    terms:
      'ГОЛОВА, ГОЛОВЫ, ГОЛОВУ, ГОЛОВН*, ГМ, МОЗГ, МОЗГА, ЧЕРЕП, ЧЕРЕПА, ΚΕΦΑΛΗ, ΕΓΚΕΦΑΛΟΣ, ΕΓΚΕΦΑΛΟΥ, ΚΡΑΝΙΟ',
  },
  {
    regions: ['head'],
    terms:
      'KEPALA, OTAK, KRANIUM, SO NAO, DIMAG, MASTISHK, KHOPDI, सिर, मस्तिष्क, الرأس, رأس, الدماغ, دماغ, ראש, מוח',
  },
  {
    regions: ['head'],
    terms: '头, 头部, 头颅, 颅脑, 颅, 脑, 頭, 頭部, 頭顱, 腦, 脳, 두부, 머리, 뇌, 두개골, สมอง, ศีรษะ',
  },
  { regions: ['head'], terms: 'NCCT, STROKE*, NEURO, AVC, ICTUS, SCHLAGANFALL, TBI', isWeak: true },
];

const FACE: VocabularyRow[] = [
  {
    regions: ['face'],
    terms: 'FACE, FACIAL, FACIAL BONE*, FACIALBONES, MAXILLOFACIAL, SINUS, SINUSES, PARANASAL*, PNS',
  },
  {
    regions: ['face'],
    terms:
      'SKULL BASE, SKULLBASE, BASE OF SKULL, BASE SKULL, TEMPORAL BONE*, TEMPORALBONE*, TBONE, PETROUS*, MASTOID*, IAC, IACS, IAM, IAMS, EAR, EARS',
  },
  {
    regions: ['face'],
    terms:
      'ORBIT, ORBITS, ORBITA, ORBITAS, ORBITAL, ORBITE, ORBITES, EYE, EYES, EYELID, OPTICCANAL, SELLA, PITUITARY, HYPOPHYS*',
  },
  {
    regions: ['face'],
    terms:
      'JAW, MANDIB*, MAXILLA*, TMJ, ATM, DENTAL, DENTA*, TEETH, TOOTH, NOSE, NASAL, NASAL BONE*, ZYGOMA*, MOUTH, TONGUE, NASOPHARYNX, PAROTID, CHEEK',
  },
  {
    regions: ['face'],
    terms:
      'NNH, NASENNEBENHOHLE*, GESICHT*, MITTELGESICHT, FELSENBEIN*, SCHADELBASIS, SCHAEDELBASIS, KIEFER*, OBERKIEFER, UNTERKIEFER, KIEFERGELENK*',
  },
  {
    regions: ['face'],
    terms: 'MASSIF FACIAL, MASSIF, ROCHER, ROCHERS, BASE DU CRANE, SINUS DE LA FACE, OREILLE, OREILLES',
  },
  {
    regions: ['face'],
    terms:
      'MACIZO FACIAL, MACIZO, SENOS, SENOS PARANASALES, SPN, CAVUM, OIDO, OIDOS, PENASCO*, BASE DE CRANEO, BASE DEL CRANEO, CARA, SILLA TURCA',
  },
  {
    regions: ['face'],
    terms:
      'SEIOS DA FACE, SEIOS, OUVIDO*, MASTOIDES, OSSOS TEMPORAIS, BASE DO CRANIO, SENI PARANASALI, SENI, MASSICCIO, ROCCHE, ORECCHI*, BASICRANIO, BASE CRANICA',
  },
  {
    regions: ['face'],
    terms:
      'AANGEZICHT, ROTSBEEN*, BIHALOR, BIHULER, ANSIKTE, ZATOKI, ZATOK, OCZODOL*, TWARZOCZASZK*, YUZ, TEMPORAL KEMIK, PARANAZAL*, ORBITA',
  },
  {
    regions: ['face'],
    terms:
      'ПАЗУХ*, ОРБИТ*, ВИСОЧН*, ЛИЦЕВ*, ЧЕЛЮСТ*, ППН, ОНП, 鼻窦, 鼻竇, 副鼻腔, 鼻, 眼, 眼眶, 耳, 颞骨, 顳骨, 側頭骨, 颌, 顎, 上顎, 부비동, 안와, 측두골',
  },
];

const NECK: VocabularyRow[] = [
  {
    regions: ['neck'],
    terms:
      'NECK, CAROTID*, LARYNX, PHARYNX, THYROID, HALS, HALSWEICHTEILE, COU, CUELLO, PESCOCO, COLLO, SZYJA, SZYI, NACKE, BOYUN, ШЕЯ, ШЕИ, LEHER, 颈部, 頸部, 颈, 頸, 頚部, 경부, 목',
  },
  { regions: ['head', 'neck'], terms: 'HEADNECK, HEADANDNECK, HNECK' },
  { regions: ['neck', 'chest'], terms: 'NECKCHEST, NECKTHORAX' },
  { regions: ['neck', 'chest', 'abdomen'], terms: 'NECKCHESTABDOMEN, NECKCHESTABDPEL*, NECK TO PELVIS' },
];

const SPINE: VocabularyRow[] = [
  {
    regions: ['spine'],
    terms:
      'SPINE, SPINES, SPINAL, CSPINE, TSPINE, LSPINE, LSSPINE, SSPINE, CTSPINE, TLSPINE, CSP, C SPINE, T SPINE, TH SPINE, D SPINE, L SPINE, LS SPINE',
  },
  {
    regions: ['spine'],
    terms:
      'CERVICAL, CERVICAL SPINE, THORACIC SPINE, THORACIC SP*, DORSAL SPINE, LUMBAR, LUMBAR SPINE, LUMBO*, LUMBOSACRAL, SACR*, COCCYX, VERTEBR*, ODONTOID, SCOLIOSIS',
  },
  {
    regions: ['spine'],
    terms:
      'SPINE THORACIC, SPINE DORSAL, THORACOLUMBAR, THORACO LUMBAR, CERVICOTHORACIC, CERVICO THORACIC, DORSOLUMBAR, DORSO LUMBAR, C T SPINE, T L SPINE, THORACIC VERTEBR*',
  },
  {
    regions: ['spine'],
    terms:
      'HWS, BWS, LWS, BRUSTWIRBEL*, HALSWIRBEL*, LENDENWIRBEL*, WIRBELSAULE*, WIRBELSAEULE*, WS GANZ, *WIRBELSAULE, THORAKALE WIRBELSAULE',
  },
  {
    regions: ['spine'],
    terms:
      'RACHIS, RACHIS THORACIQUE, RACHIS DORSAL, RACHIS LOMBAIRE, RACHIS CERVICAL, LOMBAIRE*, CHARNIERE, COLONNE',
  },
  {
    regions: ['spine'],
    terms:
      'COLUMNA*, COLUMNA DORSAL, COLUMNA TORACICA, COLUNA*, COLUNA TORACICA, COLUNA DORSAL, COLONNA*, COLONNA TORACICA, RACHIDE*, RACHIDE DORSALE, LOMBAR*, SACRO*',
  },
  {
    regions: ['spine'],
    terms:
      'CWK, TWK, LWK, WERVEL*, HALSRYGG, BROSTRYGG, LANDRYGG, RYGG*, KREGOSLUP*, KREGOSLUP PIERSIOWY, KREGOSLUPA PIERSIOWEGO, OMURGA, VERTEBRA, TORAKAL VERTEBRA*',
  },
  {
    regions: ['spine'],
    terms:
      'ПОЗВОНОЧНИК*, ПОЗВОН*, ШЕЙНЫЙ ОТДЕЛ, ГРУДНОЙ ОТДЕЛ, ГРУДНОЙ ОТДЕЛ ПОЗВОНОЧНИКА, ГРУДНОГО ОТДЕЛА ПОЗВОНОЧНИКА, ПОП, ГОП, ШОП, TULANG BELAKANG, COT SONG',
  },
  { regions: ['spine'], terms: '颈椎, 頸椎, 頚椎, 胸椎, 腰椎, 脊柱, 脊椎, 椎, 경추, 흉추, 요추, 척추' },
];

export const HEAD_NECK_SPINE: readonly VocabularyRow[] = [
  ...NO_BODY_PART,
  ...HEAD,
  ...FACE,
  ...NECK,
  ...SPINE,
];
