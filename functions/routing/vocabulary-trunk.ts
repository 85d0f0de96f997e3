import type { VocabularyRow } from './vocabulary.ts';

const CHEST: VocabularyRow[] = [
  {
    regions: ['chest'],
    terms:
      'CHEST, CHESTS, *THORAX*, LUNG, LUNGS, PULMO*, CXR, CHESTPA, CHESTAP, PACHEST, APCHEST, CHESTROUTINE, CTCHEST, CHESTCT, CHST, CTPA, MEDIASTIN*, BRONCHUS, BRONCHI, BRONCHIECT*, TRACHEA',
  },
  {
    regions: ['chest'],
    terms: 'PE PROTOCOL, PE STUDY, PE CHEST, CT PE, R O PE, THORACIC AORTA, PNEUMONIA, PLEURA*',
  },
  { regions: ['chest'], terms: 'LUNGE, LUNGEN, LUNGENEMBOLIE, BRUSTKORB, THX, RO THX' },
  {
    regions: ['chest'],
    terms: 'POUMON, POUMONS, POITRINE, PULMON, TORAX, TORAXE, TORAX*, PECHO, PULMAO, PULMOES, PEITO',
  },
  {
    regions: ['chest'],
    terms:
      'TORACE, POLMONE, POLMONI, POLMONARE, BORSTKAS, LONGEN, LUNGOR, LUNGER, BROSTKORG, BRYSTKASSE, KEUHKO*',
  },
  {
    regions: ['chest'],
    terms:
      'KLATKA, KLATKI, KLATKA PIERSIOWA, KLATKI PIERSIOWEJ, KL PIERSIOWA, KLP, PLUCA, PLUC, HRUDNIK, PLICE, PLIC, MELLKAS, PLAMANI',
  },
  { regions: ['chest'], terms: 'AKCIGER, TORAKS*, GOGUS, KRUTINES LASTA, RINDKERE' },
  {
    regions: ['chest'],
    terms:
      'ОГК, OGK, ГРУДН* КЛЕТК*, ГРУДЬ, ГРУДНОЙ ПОЛОСТИ, ЛЕГКИЕ, ЛЕГКИХ, ЛЕГКОЕ, ФЛГ, ΘΩΡΑΚΑΣ, ΘΩΡΑΚΟΣ, ΠΝΕΥΜΟΝΕΣ',
  },
  {
    regions: ['chest'],
    terms:
      'DADA, PARU, PARUPARU, NGUC, PHOI, TIM PHOI, CHHATI, CHATI, SEENA, छाती, फेफड़े, الصدر, صدر, الرئة, חזה',
  },
  { regions: ['chest'], terms: '胸, 胸部, 肺, 肺部, 폐, 흉부, 가슴, ทรวงอก, ปอด' },
  {
    regions: ['chest', 'abdomen'],
    terms:
      'CHESTABDOMEN, CHESTABD, CHESTABDPEL*, CHABD, CHABDPEL*, THORAXABD*, THORACOABDOM*, ABDOMENCHEST, CAP, TAP, C A P, T A P, TORSO, TH ABD, 胸腹, 胸腹部',
  },
  { regions: ['chest'], terms: 'THORACO' },
  {
    regions: ['chest'],
    terms:
      'HRCT, LDCT, THORACIC, THORACIQUE, THORAKAL*, TORACIC*, TORAKAL*, LUNG WINDOW, LUNG WIN, LUNG BASE*, LUNG KERNEL, ГРУДНОЙ',
    isWeak: true,
  },
];

const HEART: VocabularyRow[] = [
  {
    regions: ['heart'],
    terms:
      'HEART, CARDIAC*, CARDIO*, CORONAR*, CALCIUM SCORE, CALCIUM SCORING, CA SCORE, CASCORE, CASC, CASCORING, CCTA, TAVI, TAVR, PULMONARY VEIN*, LEFT ATRIUM, AORTIC ROOT',
  },
  {
    regions: ['heart'],
    terms:
      'HERZ*, KORONAR*, COEUR, CORAZON, CORACAO, CUORE, CARDIAQUE, HART, HJARTA, HJERTE, SERCE, SERCA, KALP, KARDIYAK, KARDIAL, СЕРДЦ*, JANTUNG, 心, 心臓, 心脏, 心臟, 冠脉, 冠動脈, 심장',
  },
  { regions: ['heart'], terms: 'AORTA, CTA AORTA', isWeak: true },
];

const RIBS: VocabularyRow[] = [
  {
    regions: ['ribs'],
    terms:
      'RIB, RIBS, STERNUM, STERNAL, RIBCAGE, RIPPE, RIPPEN, RIPPENTHORAX, KNOCHERNER HEMITHORAX, BRUSTBEIN, COTES, GRIL COSTAL, GRILL COSTAL',
  },
  {
    regions: ['ribs'],
    terms:
      'COSTILLA*, PARRILLA COSTAL, REJA COSTAL, COSTAL, COSTAIS, COSTELA*, ARCOS COSTAIS, COSTE, EMICOSTATO, GABBIA TORACICA, ESTERNON, ESTERNO, STERNO, RIBBEN, REVBEN*',
  },
  {
    regions: ['ribs'],
    terms: 'ZEBRA, ZEBER, MOSTEK, KOSTA, KABURGA, РЕБРА, РЕБЕР, ГРУДИНА, 肋骨, 胸骨, 늑골, 흉골',
  },
];

const ABDOMEN: VocabularyRow[] = [
  {
    regions: ['abdomen'],
    terms:
      'ABD, ABDO, ABDOM*, ABDPEL*, KUB, PELVIS, PELVIC, PELV, PELVI*, ABDOMENPELVIS, LIVER, KIDNEY*, RENAL, UROGRAM*, UROGRAPH*, IVU, IVP, BLADDER, PANCREA*, PANCREAS HEAD, HEAD OF PANCREAS, SPLEEN, PROSTATE, COLON, BOWEL, STOMACH',
  },
  {
    regions: ['abdomen'],
    terms:
      'BAUCH, BECKEN*, LEBER, NIERE*, VENTRE, BASSIN, REINS, VIENTRE, RINON*, ADDOME*, BACINO, FEGATO, RENI, BACIA, RINS, BUIK, BEKKEN, BUK, BACKEN, MAVE, BRZUCH*, JAMY BRZUSZNEJ, MIEDNIC*, BRICHO, BATIN, БРЮШН*, ЖИВОТ*, ТАЗ, ТАЗА, ОБП, ПОЧЕК, PERUT, PANGGUL, BUNG, 腹, 腹部, 盆腔, 骨盆, 骨盤, 肝, 肾, 腎, 복부, 골반',
  },
];

const LIMB_HEADS =
  'HEAD OF FEMUR, HEAD OF HUMERUS, HEAD OF RADIUS, HEAD OF FIBULA, FEMORAL HEAD*, FEMUR HEAD*, HUMERAL HEAD*, HUMERUS HEAD, RADIAL HEAD*, RADIUS HEAD, ULNAR HEAD, FIBULAR HEAD, FIBULA HEAD, METATARSAL HEAD*, METACARPAL HEAD*, TALAR HEAD';
const LIMB_HEADS_ABROAD =
  'TETE FEMORALE, TETE HUMERALE, TETE RADIALE, TETE DU FEMUR, TETES FEMORALES, CABEZA FEMORAL, CABEZA HUMERAL, CABEZA RADIAL, CABEZA DE FEMUR, CABEZA DEL FEMUR, CABECA FEMORAL, CABECA DO FEMUR, CABECA DO RADIO, CABECA UMERAL, TESTA FEMORALE, TESTA OMERALE, TESTA DEL FEMORE, TESTA RADIALE, GLOWA KOSCI UDOWEJ, GLOWY KOSCI UDOWEJ, ГОЛОВКА, ГОЛОВКИ, 大腿骨頭, 股骨头, 대퇴골두';

const LIMB: VocabularyRow[] = [
  { regions: ['limb'], terms: LIMB_HEADS },
  { regions: ['limb'], terms: LIMB_HEADS_ABROAD },
  {
    regions: ['limb'],
    terms:
      'FEMORAL NECK, NECK OF FEMUR, FEMUR NECK, BONE AGE, SHOULDER*, ARM, UPPER ARM, FOREARM, HUMER*, ELBOW*, WRIST*, CARPAL, SCAPHOID*, HAND, HANDS, FINGER*, THUMB*, RADIUS, ULNA, RADIUSULNA, AXILLA, CLAVIC*, SCAPULA*, ACJOINT, AC JOINT*',
  },
  {
    regions: ['limb'],
    terms:
      'HIP, HIPS, FEMUR*, FEMORAL, THIGH, KNEE*, PATELLA*, LEG, LEGS, LOWER LEG, CALF, TIBIA*, FIBULA*, ANKLE*, FOOT, FEET, TOE, TOES, HEEL, CALCAN*, TARS*, METATARS*, METACARP*, EXTREMIT*, EXTREMETY, LOWER LIMB, UPPER LIMB, LIMB, SIJOINT, SI JOINT*, HALLUX',
  },
  {
    regions: ['limb'],
    terms:
      'SCHULTER*, OBERARM, UNTERARM, ELLBOGEN, ELLENBOGEN, HANDGELENK, HANDWURZEL, DAUMEN, HUFTE*, HUEFTE*, HUFTGELENK, OBERSCHENKEL*, KNIE, KNIEGELENK, UNTERSCHENKEL, SPRUNGGELENK, OSG, FUSS, FUSSE, ZEHE*, FERSE, VORFUSS, SCHLUSSELBEIN, EXTREMITAT*',
  },
  {
    regions: ['limb'],
    terms:
      'EPAULE*, BRAS, AVANT BRAS, COUDE*, POIGNET*, MAIN DROITE, MAIN GAUCHE, MAIN D, MAIN G, MAIN FACE, MAIN PROFIL, MAINS, DOIGT*, POUCE, HANCHE*, CUISSE, GENOU, GENOUX, JAMBE*, CHEVILLE*, PIED, PIEDS, ORTEIL*, CLAVICULE',
  },
  {
    regions: ['limb'],
    terms:
      'HOMBRO*, BRAZO, ANTEBRAZO, CODO, MUNECA*, MANO, MANOS, DEDO*, CADERA*, MUSLO, RODILLA*, PIERNA*, TOBILLO*, PIE, PIES, TALON, OMBRO*, BRACO, ANTEBRACO, COTOVELO*, PUNHO*, MAO, MAOS, QUADRIL, COXA, JOELHO*, PERNA*, TORNOZELO*',
  },
  {
    regions: ['limb'],
    terms:
      'SPALLA, SPALLE, BRACCIO, GOMITO, POLSO, MANI, DITO, DITA, ANCA, ANCHE, FEMORE, GINOCCHI*, GAMBA, CAVIGLIA, PIEDE, PIEDI, SCHOUDER*, POLS, ELLEBOOG, HEUP*, KNIEEN, ENKEL*, VOET, VOETEN, AXEL, ARMBAGE, HANDLED, HOFT, KNA, FOTLED, FOT, SKULDER, ALBUE, HANDLEDD, HOFTE, KNE, FODDER',
  },
  {
    regions: ['limb'],
    terms:
      'BARK, BARKU, RAMIE, LOKIEC, NADGARSTEK, REKA, DLON, PALEC, BIODRO, BIODER, KOLANO, KOLANA, PODUDZIE, STOPA, STOPY, STAW, OMUZ, DIRSEK, BILEK, PARMAK, KALCA, DIZ, AYAK, ПЛЕЧ*, ЛОКТ*, КИСТ*, СУСТАВ*, БЕДР*, КОЛЕН*, ГОЛЕН*, СТОП*, ПАЛЕЦ, BAHU, SIKU, TANGAN, LUTUT, KAKI, PINGGUL',
  },
  {
    regions: ['limb'],
    terms:
      '肩, 肘, 腕, 手, 手指, 指, 股関節, 髋, 髖, 膝, 足, 踝, 四肢, 大腿, 小腿, 下肢, 上肢, 어깨, 팔꿈치, 손목, 손, 무릎, 발목, 발',
  },
];

const WHOLE_BODY: VocabularyRow[] = [
  {
    regions: ['wholeBody'],
    terms:
      'WHOLE BODY, WHOLEBODY, HEAD TO TOE, HEAD TO THIGH*, HEAD TO PELVIS, VERTEX TO THIGH*, TOTAL BODY, WB, BODY SCAN, PAN SCAN, PANSCAN, TRAUMASCAN, POLYTRAUMA*, POLITRAUMA*, GANZKORPER*, CORPS ENTIER, CUERPO ENTERO, CUERPO COMPLETO, CORPO INTEIRO, TUM VUCUT, ВСЕ ТЕЛО, 全身, 전신',
    isWeak: true,
  },
];

export const TRUNK_AND_LIMBS: readonly VocabularyRow[] = [
  ...CHEST,
  ...HEART,
  ...RIBS,
  ...ABDOMEN,
  ...LIMB,
  ...WHOLE_BODY,
];
